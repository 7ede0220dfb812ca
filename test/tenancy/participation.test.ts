import type { QueryRunner } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { alsoRequire, tenantTable } from '../../migrations/rls.js';
import { type TestDatabase, createDatabase } from '../support/database.js';

const [home, abroad, me, colleague] = [uuid(), uuid(), uuid(), uuid()];
let database: TestDatabase;

/** A table as a migration would make it, with a row for each of two people in two organizations. */
beforeAll(async () => {
  database = await createDatabase();
  const runner = { query: (sql: string) => database.query(sql) } as unknown as QueryRunner;
  await database.query(
    'CREATE TABLE notes (organization_id uuid, user_id uuid, PRIMARY KEY (organization_id, user_id))',
  );
  for (const organization of [home, abroad]) {
    await database.query('INSERT INTO notes VALUES ($1, $2), ($1, $3)', [organization, me, colleague]);
  }
  await tenantTable(runner, 'notes', { grant: 'SELECT, INSERT' });
  await alsoRequire(runner, 'notes', 'own', 'user_id = (SELECT app_user())');
});

afterAll(() => database.drop());

const seen = (tenant: { organizationId?: string; userId?: string }) =>
  database.asRequestRole(tenant, (query) => query('SELECT organization_id, user_id FROM notes'));

describe('a table whose policies compare the person and the organization', () => {
  it('returns only the person’s own rows of this organization to a query without a WHERE clause', async () => {
    expect(await seen({ organizationId: home, userId: me })).toEqual([
      { organization_id: home, user_id: me },
    ]);
  });

  it('returns no rows if the person or the organization is not set', async () => {
    expect(await seen({ organizationId: home })).toEqual([]);
    expect(await seen({ userId: me })).toEqual([]);
  });

  it('refuses a row for another person', async () => {
    const write = database.asRequestRole({ organizationId: home, userId: uuid() }, (query) =>
      query('INSERT INTO notes VALUES ($1, $2)', [home, uuid()]),
    );
    await expect(write).rejects.toThrow('row-level security');
  });
});
