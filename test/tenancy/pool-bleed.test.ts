import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { DataSource } from 'typeorm';
import { Database, type Transaction } from '#database';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi();
const ROUNDS = 5000;

let organizations: TestOrganization[];

beforeAll(async () => {
  organizations = await Promise.all(Array.from({ length: 4 }, () => api.build.organization()));
});

afterAll(async () => {
  expect(api.app.get(Database).waiting).toBe(0);
});

describe('pooled connections that serve several tenants', () => {
  it('never show one tenant’s rows to another, even after transactions that fail or are cut off', async () => {
    const database = api.app.get(Database);
    const round = async (number: number) => {
      const organizationId = organizations[number % organizations.length]!.id;
      const isWide = Math.floor(number / organizations.length) % 2 === 0;
      const work = async (tx: Transaction) => {
        const rows = await tx.query<{ id: string; wide: boolean }>(
          'SELECT id, app_organization_wide() AS wide FROM organizations',
        );
        if (number % 10 === 0) throw new Error('on purpose');
        if (number % 10 === 5) await tx.query('SELECT 1 / 0');
        return rows;
      };
      const seen = await (
        isWide
          ? database.organizationTransaction(organizationId, work)
          : database.tenantTransaction({ organizationId, userId: uuid() }, work)
      ).catch((error: Error) => {
        if (!/on purpose|division by zero/.test(error.message)) throw error;
        return [{ id: organizationId, wide: isWide }];
      });
      return seen.length === 1 && seen[0]!.id === organizationId && seen[0]!.wide === isWide;
    };
    const results: boolean[] = [];
    for (let start = 0; start < ROUNDS; start += 100) {
      results.push(...(await Promise.all(Array.from({ length: 100 }, (_, offset) => round(start + offset)))));
    }
    expect(results.filter((good) => !good)).toEqual([]);
    expect(results).toHaveLength(ROUNDS);
  });

  it('have no tenant set after the transaction', async () => {
    const pool = api.app.get(DataSource);
    const left = await Promise.all(
      Array.from({ length: 50 }, () =>
        pool.query<object[]>(
          `SELECT current_setting('tidings.organization_id', true) AS organization, current_setting('tidings.user_id', true) AS person,
                  current_setting('tidings.scope', true) AS scope,
                  (SELECT count(*)::int FROM tidings.organizations) AS seen`,
        ),
      ),
    );
    for (const [row] of left)
      expect(row).toEqual({
        organization: expect.toSatisfy(isUnset),
        person: expect.toSatisfy(isUnset),
        scope: expect.toSatisfy(isUnset),
        seen: 0,
      });
  });
});

const isUnset = (setting: unknown): boolean => setting === null || setting === '';
