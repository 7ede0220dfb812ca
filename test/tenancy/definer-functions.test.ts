import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { useApi } from '../support/api.js';
import { type Asker, WHOLE_ORGANIZATION, type World, as, buildWorld } from './threads-world.js';

const api = useApi();

let home: World;
let abroad: World;

beforeAll(async () => {
  [home, abroad] = [await buildWorld(api), await buildWorld(api)];
});

const run = <Row extends object>(asker: Asker, sql: string, values?: unknown[]): Promise<Row[]> =>
  api.database.asRequestRole(asker, (query) => query<Row>(sql, values));

describe('the functions that see past the policies', () => {
  const blockersOf = async (asker: Asker) =>
    (await run<{ id: string }>(asker, 'SELECT app_blockers() AS id')).map(({ id }) => id).toSorted();

  it('tell who blocks the one who asks, and of nobody else', async () => {
    const { ann, ben, cas, dan, organization } = home;
    expect(await blockersOf(as(ann))).toEqual([ben.id]);
    expect(await blockersOf(as(cas))).toEqual([ann.id]);
    expect(await blockersOf(as(dan))).toEqual([ben.id]);
    const nobody = [as(ben), { organizationId: organization.id }, { userId: ann.id }, {}];
    const mixed = { organizationId: abroad.organization.id, userId: ann.id };
    for (const asker of [...nobody, mixed, { ...as(ann), userId: WHOLE_ORGANIZATION }]) {
      expect(await blockersOf(asker)).toEqual([]);
    }
  });

  it('tell in which threads the one who asks is or was, and of nobody else', async () => {
    const asked = [home.withBen, home.withoutAnn, home.group, abroad.withBen, uuid()];
    const answer = async (asker: Asker) => {
      const rows = await run<{ yes: boolean }>(
        asker,
        'SELECT app_participates(id) AS yes FROM unnest($1::uuid[]) AS id',
        [asked],
      );
      return rows.map(({ yes }) => yes);
    };
    const nowhere = [false, false, false, false, false];
    expect(await answer(as(home.ann))).toEqual([true, false, true, false, false]);
    expect(await answer(as(home.cas))).toEqual([false, true, true, false, false]);
    for (const asker of [
      as(home.dan),
      { userId: home.ann.id },
      {},
      { ...as(home.ann), userId: WHOLE_ORGANIZATION },
    ]) {
      expect(await answer(asker)).toEqual(nowhere);
    }
  });
});
