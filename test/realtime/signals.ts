import { afterEach, expect } from 'vitest';
import type { TestApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import { type Person, person } from '../support/people.js';
import { SyncClient } from './sync-client.js';

export const within = { timeout: 10_000, interval: 5 };

export interface PresenceEntry {
  user_id: string;
  state: 'online' | 'away' | 'offline';
  last_seen_at: string | null;
}

/** Who types, as user ids, in the order of the frames. */
export const typists = ({ frames }: SyncClient): string[] =>
  frames.filter(({ type }) => (type as string) === 'typing').map((frame) => frame['user_id'] as string);

/** The presence of a person, in the order of the frames. */
export const presenceOf = ({ frames }: SyncClient, { id }: { id: string }): PresenceEntry[] =>
  frames
    .filter(({ type }) => (type as string) === 'presence')
    .flatMap((frame) => frame['people'] as PresenceEntry[])
    .filter(({ user_id }) => user_id === id);

export const expectState = (client: SyncClient, who: { id: string }, state: PresenceEntry['state']) =>
  expect.poll(() => presenceOf(client, who).at(-1)?.state, within).toBe(state);

export const showPresence = async (api: TestApi, organization: TestOrganization, presence = true) => {
  const { status } = await api.platform(organization).patch('admin/preferences', { presence });
  if (status !== 200) throw new Error(`${status}`);
};

/** The connections of a test, which are dropped after it. */
export function useSyncClients(api: TestApi) {
  let open: SyncClient[] = [];
  afterEach(() => {
    for (const { socket } of open) socket.terminate();
    open = [];
  });
  return async (member: TestMember, focus: string[] = [], { app }: Pick<TestApi, 'app'> = api) => {
    const client = await SyncClient.open({ app } as TestApi, member);
    open.push(client);
    if (focus.length > 0) await client.focus(...focus);
    return client;
  };
}

/** New members of an organization. */
export const people = (api: TestApi, organization: TestOrganization, count: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, () => person(api, organization)));

/** Locks all logged tables: whoever wrote to one meanwhile, or locked a row, would wait until the work is done. */
export async function withoutLoggedWrites({ database }: TestApi, work: () => Promise<void>): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `SELECT string_agg(oid::regclass::text, ', ') AS name FROM pg_class
     WHERE relnamespace = 'tidings'::regnamespace AND relkind IN ('r', 'p') AND relpersistence = 'p'`,
  );
  await database.query(`BEGIN; LOCK TABLE ${tables[0]!.name} IN EXCLUSIVE MODE`);
  try {
    await work();
  } finally {
    await database.query('ROLLBACK');
  }
}
