import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { Asker } from '../support/database.js';
import { ROWS, TABLES, type Table, type World, as, buildWorld, runAs, wide } from './threads-world.js';

const api = useApi();

let home: World;
let abroad: World;

beforeAll(async () => {
  [home, abroad] = [await buildWorld(api), await buildWorld(api)];
});

const seen = (asker: Asker, table: Table): Promise<string[]> =>
  api.database.asRequestRole(asker, async (query) => {
    const rows = await query<{ shown: string }>(`SELECT ${ROWS[table]} AS shown FROM ${table}`);
    return rows.map(({ shown }) => shown).toSorted();
  });

describe('SELECT without a WHERE clause, as the role of requests,', () => {
  it('returns the threads a person is or was in, and of a group only the time they were in it', async () => {
    const { ann, ben, cas } = home;
    const group = [ann.id, ben.id, cas.id];
    const expected: Record<Table, string[]> = {
      threads: ['Group', 'direct'],
      thread_subjects: ['Group', 'Meanwhile'],
      participants: [...group, ann.id, ben.id].toSorted(),
      messages: ['Meanwhile', 'To ann', 'To ben'],
      message_versions: ['Meanwhile, once', 'To ben, once'],
      hidden_messages: ['1'],
      read_marks: ['2', '2'],
      blocks: [cas.id],
    };
    for (const table of TABLES) {
      expect({ table, seen: await seen(as(ann), table) }).toEqual({ table, seen: expected[table] });
    }
    expect(await seen(as(cas), 'messages')).toEqual(['After', 'Before', 'Meanwhile', 'To cas']);
    expect(await seen(as(cas), 'message_versions')).toHaveLength(4);
    expect(await seen(as(cas), 'thread_subjects')).toEqual(['After', 'Group', 'Group', 'Meanwhile']);
  });

  it('returns nothing to a person in no thread, or if the person or the organization is not set', async () => {
    const { organization, ann, dan } = home;
    const strangers = [as(dan), { organizationId: organization.id }, { userId: ann.id }, {}];
    const mixed = { organizationId: abroad.organization.id, userId: ann.id };
    for (const asker of [...strangers, mixed]) {
      for (const table of TABLES) {
        expect({ table, asker, seen: await seen(asker, table) }).toEqual({ table, asker, seen: [] });
      }
    }
  });

  it('returns all rows of one organization to an organization-wide transaction, and none of another', async () => {
    for (const table of TABLES) {
      const all = await api.database.query(`SELECT * FROM ${table} WHERE organization_id = $1`, [
        home.organization.id,
      ]);
      const shown = await runAs(api, wide(home), `SELECT * FROM ${table}`);
      expect(all.length, table).toBeGreaterThan(0);
      expect(new Set(shown.map((row) => JSON.stringify(row))), table).toEqual(
        new Set(all.map((row) => JSON.stringify(row))),
      );
    }
  });
});
