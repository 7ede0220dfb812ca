import type { Client, TestApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { each } from '../support/each.js';

export const ROLES = ['admin', 'therapist', 'clinician', 'user'] as const;
export const HISTORIES = ['new', 'only I wrote', 'they wrote', 'they wrote, and the window is over'] as const;
export const ACCEPTS = ['everyone', 'known', 'nobody'] as const;
export const BLOCKS = ['no block', 'they block me', 'I block them'] as const;

export type Role = (typeof ROLES)[number];

/** Everything about two people that the decision is to depend on. */
export interface Case {
  from: Role;
  to: Role;
  history: (typeof HISTORIES)[number];
  accepts: (typeof ACCEPTS)[number];
  block: (typeof BLOCKS)[number];
}

export const nameOf = ({ from, to, history, accepts, block }: Case): string =>
  `${from} to ${to} · ${history} · open to ${accepts} · ${block}`;

export interface Pair extends Case {
  me: Person;
  them: Person;
  /** Of the direct thread, where there is one. */
  threadId?: string;
}

interface Person {
  member: TestMember;
  client: Client;
}

export const WINDOW_DAYS = 14;

export interface World {
  admin: Client;
  pairs: Pair[];
  /** For each role the group of the one who writes. */
  groups: Record<string, string>;
}

/** Two people for every case, who have come to it as people do: by writing, by their settings and by blocking. */
export async function buildWorld(api: TestApi): Promise<World> {
  const { organization, admin } = await api.build.organizationWithAdmin();
  const person = async (role: Role): Promise<Person> => {
    const member = await api.build.member({ organization, role });
    return { member, client: await api.as(member) };
  };
  const writers = await each(ROLES, person);
  const cases = others();
  const people = await each(cases, ({ to }) => person(to));
  await admin.put('admin/messaging-rules', { rules: allowAll() });
  const pairs = writers.flatMap((me, index) =>
    cases.map((one, number): Pair => ({ ...one, from: ROLES[index]!, me, them: people[number]! })),
  );
  await each(pairs, write);
  await each(people, ({ client }, number) =>
    client.patch('me/visibility', { accepts_messages_from: cases[number]!.accepts }),
  );
  await each(pairs, setBlock);
  await passTime(api, pairs);
  const groups = await each(writers, async ({ member, client }) => {
    const friend = await person(member.role as Role);
    const group = { participant_ids: [friend.member.id], subject: 'Friends' };
    return [member.role, (await client.post('messages/threads', group)).body.id as string];
  });
  return { admin, pairs, groups: Object.fromEntries(groups) as World['groups'] };
}

const others = (): Omit<Case, 'from'>[] =>
  ROLES.flatMap((to) =>
    HISTORIES.flatMap((history) =>
      ACCEPTS.flatMap((accepts) => BLOCKS.map((one) => ({ to, history, accepts, block: one }))),
    ),
  );

/** So that everybody can have written to everybody, before the rules under test hold. */
const allowAll = () =>
  ROLES.flatMap((from_role) => ROLES.map((to_role) => ({ from_role, to_role, allows: 'initiate' })));

async function write(pair: Pair): Promise<void> {
  const { history, me, them } = pair;
  if (history === 'new') return;
  const [from, to] = history === 'only I wrote' ? [me, them] : [them, me];
  const sent = await from.client.post('messages/send', { recipient: to.member.id, content: 'Before' });
  pair.threadId = sent.body.thread_id as string;
}

async function setBlock({ block: by, me, them }: Pair): Promise<void> {
  if (by === 'no block') return;
  const [blocker, blocked] = by === 'I block them' ? [me, them] : [them, me];
  await blocker.client.post(`messages/users/${blocked.member.id}/block`);
}

/** An hour before and an hour after the window ends. */
async function passTime(api: TestApi, pairs: Pair[]): Promise<void> {
  const idsOf = (wanted: Case['history']) =>
    pairs.filter(({ history }) => history === wanted).map(({ them }) => them.member.id);
  const age = (ids: string[], hours: number) =>
    api.database.query(
      'UPDATE participants SET last_sent_at = now() - make_interval(hours => $2) WHERE user_id = ANY ($1) AND last_sent_at IS NOT NULL',
      [ids, hours],
    );
  await age(idsOf('they wrote'), WINDOW_DAYS * 24 - 1);
  await age(idsOf('they wrote, and the window is over'), WINDOW_DAYS * 24 + 1);
}
