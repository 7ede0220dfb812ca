import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, type TestApi, startTestApi } from '../support/api.js';
import { type Scale, messageId, personId, seedLarge, threadId } from '../support/large.js';
import { type Recording, blocks, explainAll, nodesOf, recordLast } from '../support/plans.js';

const LARGE = { threads: 30_000, messages: 300_000, crowd: 1000 };
const SMALL = { threads: 1000, messages: 10_000, crowd: 10 };

type Size = Omit<Scale, 'organizationId'>;
type Request = (client: Client, size: Size, round: number) => Promise<{ status: number; body?: any }>;

const LONG = threadId(1);
const CROWD = threadId(2);
/** In the first thread, where one in five messages is. */
const inLong = (seq: number) => messageId((seq - 1) * 5);
const half = ({ messages }: Size) => messages / 10;
const cursor = (position: string | number) => Buffer.from(String(position)).toString('base64url');

const ROUTES: Record<string, Request> = {
  inbox: (client) => client.get('messages/inbox'),
  'inbox page 2': (client) => client.get('messages/inbox?page=2&limit=10'),
  'inbox, unread only': (client) => client.get('messages/inbox?unread_only=true'),
  threads: (client) => client.get('messages/threads'),
  'threads, a later page': async (client) => {
    const { body } = await client.get('messages/threads?limit=10');
    return client.get(`messages/threads?limit=10&cursor=${body.next_cursor}`);
  },
  'threads, unread only': (client) => client.get('messages/threads?unread_only=true'),
  'threads, by context': (client) => client.get('messages/threads?context_type=patient&context_id=3'),
  'long thread': (client) => client.get(`messages/threads/${LONG}`),
  'long thread, deep': (client, size) =>
    client.get(`messages/threads/${LONG}?cursor=${cursor(half(size) / 2)}`),
  'long thread, hidden': (client, size) =>
    client.get(`messages/threads/${LONG}?cursor=${cursor(half(size) / 2 + Math.min(1500, half(size) / 5))}`),
  'long thread, after': (client, size) =>
    client.get(`messages/threads/${LONG}?after_seq=${Math.floor(half(size) / 4)}`),
  'long thread, after hidden': (client, size) =>
    client.get(`messages/threads/${LONG}?after_seq=${Math.floor(half(size) / 2)}`),
  'long thread, around': (client, size) =>
    client.get(`messages/threads/${LONG}?around_seq=${Math.floor(half(size) / 4)}`),
  'crowd thread': (client) => client.get(`messages/threads/${CROWD}`),
  'crowd thread, around': (client) => client.get(`messages/threads/${CROWD}?around_seq=5`),
  conversation: (client) => client.get(`messages/conversation/${personId(2)}`),
  'unread count': (client) => client.get('messages/unread-count'),
  'send to person': (client) => client.post('messages/send', { recipient: personId(2), content: 'Hello' }),
  'send to username': (client) => client.post('messages/send', { recipient: 'person2', content: 'Hello' }),
  'send to thread': (client) => client.post(`messages/threads/${LONG}/messages`, { content: 'Hello' }),
  'send to thread with token': (client) =>
    client.post(`messages/threads/${LONG}/messages`, { content: 'Hello', client_token: uuid() }),
  'send to crowd': (client) => client.post(`messages/threads/${CROWD}/messages`, { content: 'Hello' }),
  'read thread up to': (client, size, round) =>
    client.post(`messages/threads/${LONG}/read`, { up_to: inLong(half(size) + 1 + 2 * round) }),
  'read message': (client, size, round) =>
    client.patch(`messages/${inLong(half(size) + 201 + 2 * round)}/read`),
  'read thread': (client) => client.post(`messages/threads/${LONG}/read`),
};

let api: TestApi;
const recordings: Record<string, Record<'large' | 'small', Recording>> = {};

beforeAll(async () => {
  api = await startTestApi({ worker: 'off' });
  const organizations = { large: await api.build.organization(), small: await api.build.organization() };
  await seedLarge(api.database, { ...LARGE, organizationId: organizations.large.id });
  await seedLarge(api.database, { ...SMALL, organizationId: organizations.small.id });
  await api.database.query('VACUUM ANALYZE');
  await explainAll(api);
  let round = 0;
  for (const [name, request] of Object.entries(ROUTES)) {
    const recordFor = async (which: 'large' | 'small') => {
      const client = await api.as({ organization: organizations[which], id: personId(1) });
      return recordLast(() => request(client, which === 'large' ? LARGE : SMALL, ++round));
    };
    recordings[name] = { large: await recordFor('large'), small: await recordFor('small') };
  }
}, 240_000);

afterAll(() => api?.stop());

/** Beside BEGIN and COMMIT, and the question who the caller is, which is asked once in five seconds. */
const queries = ({ statements }: Recording): number =>
  statements.filter((statement) => !/^(BEGIN|COMMIT|ROLLBACK)/.test(statement)).length;

/** In the large one the person has 1,980 more direct threads, and the group 990 more people. */
const [CONVERSATIONS, PEOPLE] = [1980, 990];

/**
 * What may cost more by what is asked for, and not by how many messages there are: exact counts look at each
 * conversation once, a large group shows all who are in it, and where a thousand messages in a row are hidden a
 * page looks at all of them.
 */
const MORE: Record<string, number> = {
  inbox: CONVERSATIONS,
  'inbox page 2': CONVERSATIONS,
  'inbox, unread only': CONVERSATIONS,
  'unread count': CONVERSATIONS,
  'threads, by context': 1500,
  'crowd thread': 5 * PEOPLE,
  'crowd thread, around': 8 * PEOPLE,
  'send to crowd': PEOPLE / 2,
  'long thread, hidden': 5000,
  'long thread, after hidden': 5000,
};

const PAGES = [
  'inbox',
  'inbox, unread only',
  'threads',
  'threads, unread only',
  'conversation',
  'unread count',
];

describe.each(Object.keys(ROUTES))('%s, with 300,000 messages instead of 10,000,', (name) => {
  it('reads no table sequentially', () => {
    const nodes = Object.values(recordings[name]!).flatMap(({ executed }) =>
      executed.flatMap(({ plan }) => nodesOf(plan)),
    );
    expect(nodes.length).toBeGreaterThan(0);
    const scanned = nodes.filter((node) => node['Node Type'] === 'Seq Scan');
    expect(scanned.map((node) => node['Relation Name'])).toEqual([]);
  });

  it('reads hardly more blocks', () => {
    const { large, small } = recordings[name]!;
    expect(blocks(small)).toBeGreaterThan(0);
    expect(blocks(large)).toBeLessThanOrEqual(1.5 * blocks(small) + 60 + (MORE[name] ?? 0));
  });
});

describe('a page of', () => {
  it.each(PAGES)('%s is one query with any content', (name) => {
    expect(queries(recordings[name]!.large)).toBe(name === 'conversation' ? 2 : 1);
  });
});

/** Only people who have left a group see other texts than the current ones. */
describe('a participant who has not left', () => {
  it.each(['threads', 'long thread', 'long thread, around', 'crowd thread'])(
    'causes no search for versions: %s',
    (name) => {
      const nodes = recordings[name]!.large.executed.flatMap(({ plan }) => nodesOf(plan));
      const versions = nodes.filter((node) => node['Relation Name'] === 'message_versions');
      expect(versions.length).toBeGreaterThan(0);
      expect(versions.map((node) => node['Actual Loops'])).toEqual(versions.map(() => 0));
    },
  );
});
