import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { PLATFORM_ORGANIZATION } from '#identity';
import type { Asker } from '../support/database.js';
import { type World, as, buildWorld, wide } from './threads-world.js';

const api = useApi();

let home: World;
let abroad: World;

beforeAll(async () => {
  [home, abroad] = [await buildWorld(api), await buildWorld(api)];
  // Nothing is done about these, so that what may be done is seen.
  for (const { ben } of [home, abroad])
    await api.database.query(`INSERT INTO user_deletions (user_id, request_id) VALUES ($1, 'a test')`, [
      ben.id,
    ]);
});

/** No id makes a session the platform, not even that of its organization. */
const notThePlatform = (): Asker[] => [
  wide(home),
  as(home.ben),
  {},
  { organizationId: PLATFORM_ORGANIZATION },
  { organizationId: PLATFORM_ORGANIZATION, userId: PLATFORM_ORGANIZATION },
  { organizationId: PLATFORM_ORGANIZATION, scope: 'organization' },
];

/** How many rows of ben, whose deletion is under way, or of ann, whose is not, each function takes away. */
async function erased(asker: Asker, id: string, { withBen, group }: World): Promise<Record<string, number>> {
  const functions: [string, string, unknown[]][] = [
    ['read marks', 'app_erase_read_marks($1, 100)', [id]],
    ['hidden messages', 'app_erase_hidden_messages($1, 100)', [id]],
    ['answers', 'app_erase_idempotency_keys($1, 100)', [id]],
    ['sender', 'app_erase_sender($1, $2, $3)', [id, [withBen, withBen, group], [1, 2, 1]]],
    ['threads', 'app_leave_threads($1, $2)', [id, [withBen, group]]],
    ['member', 'app_erase_member($1)', [id]],
  ];
  return api.database.asRequestRole(asker, async (query) => {
    const rows: Record<string, number> = {};
    for (const [name, call, values] of functions) {
      const [row] = await query<{ count: number }>(`SELECT ${call} AS count`, values);
      if (row!.count > 0) rows[name] = row!.count;
    }
    return rows;
  });
}

describe('the functions that erase a person', () => {
  it('erase a person whose deletion is in progress, in an organization-wide transaction', async () => {
    expect(await erased(wide(home), home.ben.id, home)).toMatchObject({
      sender: 2,
      threads: 2,
      member: 1,
    });
  });

  it('erase nothing of other people', async () => {
    expect(await erased(wide(home), home.ann.id, home)).toEqual({});
  });

  it('erase nothing if called by a person, without a tenant, or in another organization', async () => {
    const { ben } = home;
    const askers: Asker[] = [
      as(home.ann),
      as(ben),
      { organizationId: home.organization.id },
      { scope: 'organization' },
      {},
      wide(abroad),
    ];
    for (const asker of askers) expect(await erased(asker, ben.id, home)).toEqual({});
  });

  it('return the organizations of a person only to the platform', async () => {
    const ask = (asker: Asker) =>
      api.database.asRequestRole(asker, (query) =>
        query('SELECT app_organizations_of($1) AS id', [home.ben.id]),
      );
    expect(await ask({ scope: 'platform' })).toEqual([{ id: home.organization.id }]);
    for (const asker of notThePlatform()) expect(await ask(asker)).toEqual([]);
  });
});

describe('the role of requests', () => {
  it('reads and changes deletions only for the platform', async () => {
    const all = (asker: Asker) =>
      api.database.asRequestRole(asker, async (query) => [
        await query('SELECT FROM user_deletions'),
        await query('UPDATE user_deletions SET finished_at = now() RETURNING true'),
      ]);
    for (const asker of notThePlatform()) expect(await all(asker)).toEqual([[], []]);
    const [seen] = await all({ scope: 'platform' });
    expect(seen).toHaveLength(2);
    await expect(
      api.database.asRequestRole(wide(home), (query) =>
        query(`INSERT INTO user_deletions (user_id, request_id) VALUES ($1, 'mine')`, [home.ann.id]),
      ),
    ).rejects.toThrow(/row-level security/);
  });

  it.each([
    ['change the sender of a message', 'UPDATE messages SET sender_id = NULL'],
    ['change the people of a direct thread', 'UPDATE threads SET pair_low = gen_random_uuid()'],
    ['change the partner of a participant', 'UPDATE participants SET partner_id = gen_random_uuid()'],
    ['delete participants', 'DELETE FROM participants'],
    ['show hidden messages again', 'DELETE FROM hidden_messages'],
    ['delete members', 'DELETE FROM members'],
    ['delete stored responses', 'DELETE FROM idempotency_keys'],
  ])('may not %s', async (_what, sql) => {
    await expect(api.database.asRequestRole(wide(home), (query) => query(sql))).rejects.toThrow(
      /permission denied/,
    );
  });
});
