import { v7 as uuid } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, startGroup } from '../support/people.js';
import { blocksOf, explainAll, record } from '../support/plans.js';
import {
  type PresenceEntry,
  expectState,
  people,
  presenceOf,
  showPresence,
  useSyncClients,
  within,
} from './signals.js';
import type { SyncClient } from './sync-client.js';

const api = useApi();
const connect = useSyncClients(api);

let organization: TestOrganization;
let observer: Person;

beforeAll(async () => {
  organization = await api.build.organization();
  await showPresence(api, organization);
  observer = await person(api, organization);
  await explainAll(api);
});

describe('a block', () => {
  it('shows the two to each other as offline since then, until it ends', async () => {
    const [ann, bob, cas] = await people(api, organization, 3);
    const group = await startGroup(ann!, [bob!, cas!]);
    const [asAnn, asBob, asCas] = [
      await connect(ann!, [group]),
      await connect(bob!, [group]),
      await connect(cas!, [group]),
    ];
    await expectState(asAnn, bob!, 'online');
    await expectState(asBob, ann!, 'online');
    await ann!.client.post(`messages/users/${bob!.id}/block`);
    await expectState(asAnn, bob!, 'offline');
    await expectState(asBob, ann!, 'offline');
    const frozen = presenceOf(asBob, ann!).at(-1);
    asAnn.send({ type: 'presence', state: 'away' });
    await expectState(asCas, ann!, 'away');
    await asBob.focus(group);
    await expectState(asBob, cas!, 'online');
    expect(presenceOf(asBob, ann!).at(-1)).toEqual(frozen);
    await ann!.client.delete(`messages/users/${bob!.id}/block`);
    await expectState(asBob, ann!, 'away');
    await expectState(asAnn, bob!, 'online');
  });
});

const GROUPS_OF_CONNECTION = 10;
const OTHERS_IN_GROUP = 98;
const GROUPS = 22;

/** What the other of a pair was like before one blocked the observer, and the other one went offline. */
const BEFORE = ['online', 'away', 'offline', 'never seen'] as const;

interface Trial {
  blocker: string;
  leaver: string;
  before: (typeof BEFORE)[number];
  group: string;
}

/** Groups of the observer and 98 others, of whom the first half blocks the observer. */
async function makeTrials(): Promise<Trial[]> {
  const trials = Array.from({ length: (GROUPS * OTHERS_IN_GROUP) / 2 }, (_, nth) => ({
    blocker: uuid(),
    leaver: uuid(),
    before: BEFORE[nth % BEFORE.length]!,
  }));
  const groups = Array.from({ length: GROUPS }, () => uuid());
  const placed = trials.map((trial, nth) => ({ ...trial, group: groups[nth % GROUPS]! }));
  const ids = placed.flatMap(({ blocker, leaver }) => [blocker, leaver]);
  const inGroup = placed.flatMap(({ group }) => [group, group]);
  const run = (sql: string, ...values: unknown[]) => api.database.query(sql, [organization.id, ...values]);
  await api.database.query('SET session_replication_role = replica');
  await api.database.query('INSERT INTO users (id) SELECT unnest($1::uuid[])', [ids]);
  await run(
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT $1, id, id::text || '_', id::text || '_', 'Other', 'user' FROM unnest($2::uuid[]) AS id`,
    ids,
  );
  await run(
    `INSERT INTO threads (organization_id, id, kind, subject, participant_count)
     SELECT $1, id, 'group', 'Group', $3 FROM unnest($2::uuid[]) AS id`,
    groups,
    OTHERS_IN_GROUP + 1,
  );
  await run(
    `INSERT INTO participants (organization_id, thread_id, user_id)
     SELECT $1::uuid, thread_id, user_id FROM unnest($2::uuid[], $3::uuid[]) AS other (thread_id, user_id)
     UNION ALL SELECT $1, thread_id, $4::uuid FROM unnest($5::uuid[]) AS thread_id`,
    inGroup,
    ids,
    observer.id,
    groups,
  );
  await api.database.query('RESET session_replication_role');
  await run(
    `INSERT INTO presence (organization_id, user_id, process_id, state, last_seen_at)
     SELECT $1, user_id, gen_random_uuid(), state,
            CASE state WHEN 'offline' THEN '2026-01-01T00:00:00.123Z' ELSE now() END
     FROM unnest($2::uuid[], $3::text[]) AS other (user_id, state) WHERE state <> 'never seen'`,
    ids,
    placed.flatMap(({ before }) => [before, before]),
  );
  await api.database.query('ANALYZE');
  return placed;
}

/** All trials at once: the blockers block the observer while the others go offline. */
async function blockAndLeave(trials: Trial[]): Promise<void> {
  const run = (sql: string, ...values: unknown[]) => api.database.query(sql, [organization.id, ...values]);
  const blockers = trials.map(({ blocker }) => blocker);
  await Promise.all([
    run(
      `INSERT INTO blocks (organization_id, blocker_id, blocked_id) SELECT $1, id, $3 FROM unnest($2::uuid[]) AS id`,
      blockers,
      observer.id,
    ),
    run(
      `UPDATE presence SET state = 'offline', last_seen_at = clock_timestamp()
       WHERE organization_id = $1 AND user_id = ANY ($2) AND state <> 'offline'`,
      trials.map(({ leaver }) => leaver),
    ),
    api.database.query(`NOTIFY tidings_presence, ''`),
  ]);
}

/** The blockers come, are away and leave, which the observer must not notice. */
async function moveOn(trials: Trial[]): Promise<void> {
  for (const state of ['online', 'away', 'offline']) {
    await api.database.query(
      `INSERT INTO presence (organization_id, user_id, process_id, state, last_seen_at)
       SELECT $1, id, $1, $3, clock_timestamp() FROM unnest($2::uuid[]) AS id
       ON CONFLICT (organization_id, user_id, process_id) DO UPDATE
       SET state = excluded.state, last_seen_at = excluded.last_seen_at`,
      [organization.id, trials.map(({ blocker }) => blocker), state],
    );
    await api.database.query(`NOTIFY tidings_presence, ''`);
  }
}

it('looks the same to the blocked person as somebody who went offline, in 1,000 trials', async () => {
  const trials = await makeTrials();
  expect(trials.length).toBeGreaterThan(1000);
  const groups = [...new Set(trials.map(({ group }) => group))];
  const clients: SyncClient[] = [];
  const parts: string[][] = [];
  for (let first = 0; first < GROUPS; first += GROUPS_OF_CONNECTION) {
    parts.push(groups.slice(first, first + GROUPS_OF_CONNECTION));
    clients.push(await connect(observer, parts.at(-1)));
  }
  const entries = () =>
    clients.flatMap(({ frames }) => frames.flatMap((frame) => (frame['people'] ?? []) as PresenceEntry[]));
  await expect.poll(() => entries().length, within).toBe(2 * trials.length);
  const begun = new Date().toISOString();
  const moved = trials.filter(({ before }) => before === 'online' || before === 'away').length;
  const { executed } = await record(async () => {
    await blockAndLeave(trials);
    await expect.poll(() => entries().length, within).toBe(2 * (trials.length + moved));
  });
  const reads = executed.filter(({ sql }) => sql.includes('participant_count <= 100'));
  expect(reads.length).toBeGreaterThan(0);
  for (const one of reads) expect(blocksOf(one)).toBeLessThan(15 * 2 * trials.length);
  const ended = new Date().toISOString();
  await moveOn(trials);
  await Promise.all(clients.map((client, nth) => client.focus(...parts[nth]!)));
  await expect.poll(() => entries().length, within).toBe(2 * (2 * trials.length + moved));
  const byPerson = Map.groupBy(entries(), ({ user_id }) => user_id);
  /** Times of now are different for each person: they are compared as what they are. */
  const entriesOf = (id: string) =>
    byPerson.get(id)!.map(({ last_seen_at, ...entry }) => ({
      ...entry,
      user_id: 'somebody',
      last_seen_at: last_seen_at! >= begun && last_seen_at! <= ended ? 'now' : last_seen_at,
    }));
  for (const { blocker, leaver, before } of trials) {
    expect({ before, entries: entriesOf(blocker) }).toEqual({ before, entries: entriesOf(leaver) });
    const times = byPerson.get(blocker)!.map((entry) => entry.last_seen_at);
    expect(times.at(-1)).toBe(times.at(-2));
  }
});
