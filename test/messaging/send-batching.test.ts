import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, createPeople } from './crowd.js';
import { duringSend, expectNoDrift, startGroup, times } from './concurrency.js';

const api = useApi();

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

/** What the recipient is shown of what was sent. */
async function shown(recipient: Person, sent: { body: { message_id: string; thread_id: string } }) {
  const { body } = await recipient.client.get(`messages/threads/${sent.body.thread_id}`);
  const message = body.messages.find(({ id }: { id: string }) => id === sent.body.message_id);
  return [message?.sender, message?.content];
}

const send = (from: Person, recipient: string, more: object = {}) =>
  from.client.post('messages/send', { recipient, content: `from ${from.username}`, ...more });

describe('concurrent sends of one organization', () => {
  it('share transactions, and each message belongs to its sender', async () => {
    const people = await createPeople(api, organization, 60);
    const groupId = await startGroup(people);
    const answers = await times(60, (at) =>
      at % 2 === 0
        ? send(people[at]!, people[at + 1]!.username)
        : people[at]!.client.post(`messages/threads/${groupId}/messages`, { content: `number ${at}` }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const direct = answers.filter((_, at) => at % 2 === 0);
    expect(await times(30, (at) => shown(people[2 * at + 1]!, direct[at]!))).toEqual(
      direct.map((_, at) => [people[2 * at]!.username, `from ${people[2 * at]!.username}`]),
    );
    const { messages } = (await people[0]!.client.get(`messages/threads/${groupId}?limit=50`)).body;
    expect(messages.map(({ seq }: { seq: number }) => seq)).toEqual(
      Array.from({ length: 30 }, (_, at) => at + 1),
    );
    expect(new Set(messages.map(({ sender_id }: { sender_id: string }) => sender_id))).toEqual(
      new Set(people.filter((_, at) => at % 2 === 1).map(({ id }) => id)),
    );
    await expectNoDrift(api, organization, people);

    const [written] = await api.database.query<{ transactions: number }>(
      `SELECT count(DISTINCT xmin::text)::integer AS transactions FROM messages
       WHERE organization_id = $1 AND sender_id = ANY ($2)`,
      [organization.id, people.map(({ id }) => id)],
    );
    expect(written!.transactions).toBeLessThan(30);
  });

  it('are refused individually', async () => {
    const [ann, shut, silent, bob, ...others] = await createPeople(api, organization, 40);
    await shut!.client.post(`messages/users/${ann!.id}/block`);
    expect((await silent!.client.patch('me/visibility', { accepts_messages_from: 'nobody' })).status).toBe(
      200,
    );
    const { body: first } = await send(ann!, bob!.id, { client_token: 'known' });
    const groupId = await startGroup([ann!, bob!]);
    const post = (more: object) =>
      ann!.client.post(`messages/threads/${groupId}/messages`, { content: 'Hello', ...more });
    const [refused, sent] = await Promise.all([
      Promise.all([
        send(ann!, shut!.id),
        send(ann!, silent!.id),
        send(ann!, 'nobody.at.all'),
        send(ann!, ann!.id),
        send(ann!, bob!.id, { client_token: 'known', content: 'Something else' }),
        send(others[0]!, bob!.id, { client_token: 'twice' }),
        send(others[0]!, bob!.id, { client_token: 'twice' }),
        post({ reply_to_id: first.message_id }),
        others[1]!.client.post(`messages/threads/${groupId}/messages`, { content: 'Hello' }),
      ]),
      times(others.length, (at) => send(others[at]!, bob!.username, { content: `number ${at}` })),
    ]);
    expect(refused.map(({ status, body }) => `${status} ${body.code ?? ''}`.trim())).toEqual([
      '403 recipient_unavailable',
      '403 recipient_unavailable',
      '404 not_found',
      '400 validation_failed',
      '422 idempotency_mismatch',
      '201',
      '201',
      '400 validation_failed',
      '404 not_found',
    ]);
    expect(refused[5].body.message_id).toBe(refused[6].body.message_id);
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 201));
    expect(await times(others.length, (at) => shown(bob!, sent[at]!))).toEqual(
      others.map(({ username }, at) => [username, `number ${at}`]),
    );
    await expectNoDrift(api, organization, [ann!, bob!, ...others]);
  });
});

describe('a sender who is blocked during their first message', () => {
  it('is refused and gets no thread', async () => {
    const [ann, bob] = await createPeople(api, organization, 2);
    const block = () =>
      api.database.query('INSERT INTO blocks (organization_id, blocker_id, blocked_id) VALUES ($1, $2, $3)', [
        organization.id,
        bob!.id,
        ann!.id,
      ]);
    const [{ status, body }] = await duringSend(api, organization, ann!, () => send(ann!, bob!.id), block);
    expect([status, body.code]).toEqual([403, 'recipient_unavailable']);
    expect((await ann!.client.get('messages/threads')).body.data).toEqual([]);
  });
});
