import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, createPeople } from './crowd.js';
import { wholeThread } from './rest.js';
import { codesOf, expectNoDrift, startGroup, times } from './concurrency.js';

const api = useApi();

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

const people = (count: number) => createPeople(api, organization, count);

describe('one direct thread', () => {
  it('is the result of fifty concurrent starts, from both sides and on both routes', async () => {
    for (let round = 0; round < 10; round++) {
      const [ann, bob] = await people(2);
      const answers = await times(50, async (index) => {
        const [me, other] = index % 2 === 0 ? [ann!, bob!] : [bob!, ann!];
        return index % 4 < 2
          ? me.client.post('messages/threads', { recipient_id: other.id })
          : me.client.post('messages/send', { recipient: other.id, content: `message ${index}` });
      });
      const started = answers.filter(({ body }) => body.kind === 'direct');
      const sent = answers.filter(({ body }) => body.status === 'sent');
      expect([started.length, sent.length]).toEqual([26, 24]);
      expect(
        new Set([...started.map(({ body }) => body.id), ...sent.map(({ body }) => body.thread_id)]).size,
      ).toBe(1);
      expect(started.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(1);
      expect((await wholeThread(ann!.client, sent[0]!.body.thread_id))!.messages).toHaveLength(24);
      await expectNoDrift(api, organization, [ann!, bob!]);
    }
  });
});

describe('fifty concurrent sends to one group', () => {
  it('leave no gap, and a concurrent reader misses none', async () => {
    const crowd = await people(10);
    const threadId = await startGroup(crowd);
    const writers = 50;
    const each = 6;
    let isOver = false;
    const sent = new Set<string>();
    const write = times(writers, async (index) => {
      const { client } = crowd[index % crowd.length]!;
      for (let round = 0; round < each; round++) {
        const { status, body } = await client.post(`messages/threads/${threadId}/messages`, {
          content: `${index} ${round}`,
        });
        expect(status).toBe(201);
        sent.add(body.id);
      }
    }).finally(() => (isOver = true));

    const read = async ({ client }: Person) => {
      const seen: { seq: number; id: string }[] = [];
      for (let isLast = false; !isLast;) {
        isLast = isOver;
        seen.push(...(await newerThan(client, threadId, seen.at(-1)?.seq ?? 0)));
        expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
      }
      return seen;
    };
    const [first, second] = await Promise.all([read(crowd[0]!), read(crowd[9]!), write]);
    expect(first).toHaveLength(writers * each);
    expect(new Set(first.map(({ id }) => id))).toEqual(sent);
    expect(second).toEqual(first);
    await expectNoDrift(api, organization, crowd);
  });
});

/** From the newest page back to what is known, as a client does that was away. */
async function newerThan({ get }: Person['client'], threadId: string, known: number) {
  const newer: { seq: number; id: string }[] = [];
  for (let cursor = ''; ;) {
    const { body } = await get(`messages/threads/${threadId}?limit=10${cursor}`);
    const page = (body.messages as { seq: number; id: string }[]).map(({ seq, id }) => ({ seq, id }));
    newer.unshift(...page.filter(({ seq }) => seq > known));
    if (body.next_cursor === null || (page[0]?.seq ?? 0) <= known) return newer;
    cursor = `&cursor=${body.next_cursor}`;
  }
}

describe('one client_token', () => {
  it.each(['to a person', 'to a group'])(
    'sent a hundred times concurrently %s is one message',
    async (where) => {
      const [ann, bob] = await people(2);
      const [path, body] =
        where === 'to a person'
          ? ['messages/send', { recipient: bob!.id }]
          : [`messages/threads/${await startGroup([ann!, bob!])}/messages`, {}];
      const send = (content: string) => ann!.client.post(path, { ...body, content, client_token: 'once' });

      const answers = await times(100, () => send('Hello'));
      expect(codesOf(answers)).toEqual(['201']);
      expect(new Set(answers.map((answer) => answer.body.message_id ?? answer.body.id)).size).toBe(1);
      const replayed = answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true');
      expect(replayed).toHaveLength(99);
      const { body: unread } = await bob!.client.get('messages/unread-count');
      expect(unread).toEqual({ unread_count: 1, unread_threads: 1 });

      expect(codesOf(await times(10, () => send('Something else')))).toEqual(['422 idempotency_mismatch']);
      await expectNoDrift(api, organization, [ann!, bob!]);
    },
  );
});
