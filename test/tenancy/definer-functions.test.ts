import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { Asker } from '../support/database.js';
import { type World, as, buildWorld, wide } from './threads-world.js';

const api = useApi();

let home: World;
let abroad: World;

beforeAll(async () => {
  [home, abroad] = [await buildWorld(api), await buildWorld(api)];
});

const run = <Row extends object>(asker: Asker, sql: string, values?: unknown[]): Promise<Row[]> =>
  api.database.asRequestRole(asker, (query) => query<Row>(sql, values));

describe('the SECURITY DEFINER functions', () => {
  const blockersOf = async (asker: Asker) =>
    (await run<{ id: string }>(asker, 'SELECT app_blockers() AS id')).map(({ id }) => id).toSorted();

  it('return who blocks the caller, and nothing about anybody else', async () => {
    const { ann, ben, cas, dan, organization } = home;
    expect(await blockersOf(as(ann))).toEqual([ben.id]);
    expect(await blockersOf(as(cas))).toEqual([ann.id]);
    expect(await blockersOf(as(dan))).toEqual([ben.id]);
    const nobody = [as(ben), { organizationId: organization.id }, { userId: ann.id }, {}];
    const mixed = { organizationId: abroad.organization.id, userId: ann.id };
    for (const asker of [...nobody, mixed, wide(home)]) {
      expect(await blockersOf(asker)).toEqual([]);
    }
  });

  it('return the groups the caller is or was in, and nothing about anybody else', async () => {
    const groupsOf = async (asker: Asker) =>
      (await run<{ id: string }>(asker, 'SELECT app_groups() AS id')).map(({ id }) => id);
    expect(await groupsOf(as(home.ann))).toEqual([home.group]);
    expect(await groupsOf(as(home.cas))).toEqual([home.group]);
    const mixed = { organizationId: abroad.organization.id, userId: home.ann.id };
    const nobody = [as(home.dan), { userId: home.ann.id }, mixed, {}];
    for (const asker of [...nobody, wide(home)]) {
      expect(await groupsOf(asker)).toEqual([]);
    }
  });

  it('take people out of groups for the organization as a whole alone, and in no other one', async () => {
    const leave = async (asker: Asker) => {
      const [row] = await run<{ is_more: boolean | null }>(
        asker,
        'SELECT app_leave_groups($1, 0) AS is_more',
        [home.cas.id],
      );
      return row!.is_more;
    };
    // The person is in a group, of which none is left at once here.
    expect(await leave(wide(home))).toBe(true);
    expect(await leave(wide(abroad))).toBe(false);
    for (const asker of [as(home.ann), as(home.cas), { organizationId: home.organization.id }, {}])
      expect(await leave(asker)).toBeNull();
  });

  it('tell which removed members are in groups, in no other organization', async () => {
    const isLeaving = async (asker: Asker) => {
      const [row] = await run<{ answer: boolean }>(asker, 'SELECT app_is_leaving($1) AS answer', [
        home.cas.id,
      ]);
      return row!.answer;
    };
    expect(await isLeaving(as(home.ann))).toBe(false);
    await api.database.query('SET session_replication_role = replica');
    await api.database.query('UPDATE members SET removed_at = now(), role = NULL WHERE user_id = $1', [
      home.cas.id,
    ]);
    await api.database.query('SET session_replication_role = DEFAULT');
    expect(await isLeaving(as(home.ann))).toBe(true);
    for (const asker of [as(abroad.ann), wide(abroad), {}]) expect(await isLeaving(asker)).toBe(false);
  });
});
