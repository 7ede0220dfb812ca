import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const api = useApi();

let organization: TestOrganization;
let ann: TestMember;
let bob: TestMember;
let asAnn: Client;
let asBob: Client;

beforeEach(async () => {
  organization = await api.build.organization();
  ann = await api.build.member({ organization });
  bob = await api.build.member({ organization });
  [asAnn, asBob] = [await api.as(ann), await api.as(bob)];
});

const send = async (client: Client, recipient: string, content: string) =>
  (await client.post('messages/send', { recipient, content })).body as {
    message_id: string;
    thread_id: string;
    sent_at: string;
  };

describe('POST /messages/send', () => {
  it('sends into one thread by id or username in any case, and returns its position', async () => {
    const first = await asAnn.post('messages/send', {
      recipient: bob.id,
      subject: 'About us',
      content: 'first',
    });
    expect(first).toMatchObject({
      status: 201,
      body: {
        message_id: expect.any(String),
        thread_id: expect.any(String),
        sent_at: expect.stringMatching(/Z$/),
        status: 'sent',
      },
    });
    const second = await asBob.post('messages/send', {
      recipient: ann.username.toUpperCase(),
      content: 'second',
    });
    expect(second.body.thread_id).toBe(first.body.thread_id);

    const thread = await asAnn.get(`messages/threads/${first.body.thread_id}`);
    expect(thread.body.messages).toMatchObject([
      {
        seq: 1,
        sender: ann.username,
        recipient: bob.username,
        sender_id: ann.id,
        subject: 'About us',
        content: 'first',
      },
      { seq: 2, sender: bob.username, recipient: ann.username, sender_id: bob.id, subject: null },
    ]);
  });

  it('sends to the same thread as POST /messages/threads/{id}/messages', async () => {
    const { body: thread } = await asAnn.post('messages/threads', { recipient_id: bob.username });
    const posted = await asBob.post(`messages/threads/${thread.id}/messages`, { content: 'by thread' });
    const sent = await send(asAnn, bob.id, 'by person');
    expect(sent.thread_id).toBe(thread.id);
    const conversation = await asBob.get(`messages/conversation/${ann.username}`);
    expect(conversation.body).toMatchObject({ participant_count: 2, next_cursor: null });
    expect(conversation.body.messages[0]).toEqual(posted.body);
    const { body: page } = await asBob.get(`messages/threads/${thread.id}`);
    expect(page.messages).toEqual(conversation.body.messages);
  });

  it('stores the content unchanged, and limits its length in characters', async () => {
    const family = '👩‍👩‍👧‍👦 e\u0301 שלום \u202e x\u202c  \n\ttail ';
    const longest = '😀'.repeat(5000);
    for (const content of [family, longest]) {
      const { message_id } = await send(asAnn, bob.id, content);
      const { messages } = (await asBob.get(`messages/conversation/${ann.id}`)).body;
      expect(messages.at(-1)).toMatchObject({ id: message_id, content });
    }
    const subject = '🗓️'.repeat(50);
    expect((await asAnn.post('messages/send', { recipient: bob.id, content: 'x', subject })).status).toBe(
      201,
    );
  });

  it.each([
    ['no content', { content: undefined }, 400, 'content'],
    ['empty content', { content: '' }, 400, 'content'],
    ['blanks only', { content: ' \n\t ' }, 400, 'content'],
    ['5001 characters', { content: 'x'.repeat(5001) }, 400, 'content'],
    ['5001 emoji', { content: '😀'.repeat(5001) }, 400, 'content'],
    ['a subject of 101', { subject: 'x'.repeat(101) }, 400, 'subject'],
    ['no recipient', { recipient: undefined }, 400, 'recipient'],
    ['a list of recipients', { recipient: ['a', 'b'] }, 400, 'recipient'],
    ['an unknown field', { sender_id: uuid() }, 400, 'sender_id'],
    ['a client_token of 256', { client_token: 'x'.repeat(256) }, 400, 'client_token'],
  ])('refuses %s, naming the field', async (_what, change, status, field) => {
    const answer = await asAnn.post('messages/send', { recipient: bob.id, content: 'fine', ...change });
    expect(answer).toMatchObject({ status, body: { errors: [{ field }] } });
    expect((await asBob.get('messages/inbox')).body.total_conversations).toBe(0);
  });

  it('answers 404 for unknown, removed and foreign recipients', async () => {
    const removed = await api.build.member({ organization });
    await api.platform(organization).delete(`members/${removed.id}`);
    const abroad = await api.build.member();
    for (const recipient of [
      uuid(),
      'nobody-here',
      removed.id,
      removed.username,
      abroad.id,
      abroad.username,
    ]) {
      const answer = await asAnn.post('messages/send', { recipient, content: 'hello' });
      expect(answer, recipient).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it('refuses the caller as recipient', async () => {
    for (const recipient of [ann.id, ann.username]) {
      expect(await asAnn.post('messages/send', { recipient, content: 'me' })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'recipient' }] },
      });
    }
  });

  it('replays the first message for a repeated client_token, and answers 422 for other content', async () => {
    const message = { recipient: bob.id, content: 'once', client_token: 'a token' };
    const first = await asAnn.post('messages/send', message);
    const again = await asAnn.post('messages/send', message);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const byThread = await asAnn.post(`messages/threads/${first.body.thread_id}/messages`, {
      content: 'once',
      client_token: 'a token',
    });
    expect(byThread).toMatchObject({ status: 201, body: { id: first.body.message_id, seq: 1 } });

    const other = await asAnn.post('messages/send', { ...message, content: 'twice' });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } });
    const carol = await api.build.member({ organization });
    expect((await asAnn.post('messages/send', { ...message, recipient: carol.id })).status).toBe(422);
    expect((await asBob.post('messages/send', { ...message, recipient: ann.id })).status).toBe(201);
    const { messages } = (await asBob.get(`messages/conversation/${ann.id}`)).body;
    expect(messages).toHaveLength(2);
  });

  it('accepts an Idempotency-Key like any other POST', async () => {
    const client = asAnn.with({ 'Idempotency-Key': 'send once' });
    const message = { recipient: bob.id, content: 'once' };
    const [first, again] = [
      await client.post('messages/send', message),
      await client.post('messages/send', message),
    ];
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect((await asBob.get('messages/unread-count')).body).toEqual({ unread_count: 1, unread_threads: 1 });
  });
});

describe('starting a direct thread', () => {
  it('answers 201 once, then 200 from either side', async () => {
    const made = await asAnn.post('messages/threads', { recipient_id: bob.id });
    expect(made).toMatchObject({
      status: 201,
      body: { kind: 'direct', last_message: null, unread_count: 0 },
    });
    const known = await asBob.post('messages/threads', { recipient_id: ann.username });
    expect(known).toMatchObject({ status: 200, body: { id: made.body.id } });
  });

  it.each([
    ['nothing', {}, 'recipient_id'],
    ['oneself', { recipient_id: 'me' }, undefined],
    ['both kinds', { recipient_id: uuid(), participant_ids: [uuid()] }, 'participant_ids'],
    ['a subject', { recipient_id: uuid(), subject: 'x' }, 'subject'],
    ['a patient', { recipient_id: uuid(), patient_id: 'x' }, 'patient_id'],
  ])('with %s is refused', async (_what, body, field) => {
    const given = 'recipient_id' in body && body.recipient_id === 'me' ? { recipient_id: ann.id } : body;
    const answer = await asAnn.post('messages/threads', given);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    if (field) expect(answer.body.errors).toMatchObject([{ field }]);
  });
});

describe('the conversation with a person', () => {
  it('is empty before the first message, and 404 for an unknown person', async () => {
    const empty = await asAnn.get(`messages/conversation/${bob.username}`);
    expect(empty.body).toEqual({ messages: [], participant_count: 2, next_cursor: null });
    expect((await asAnn.get(`messages/conversation/${uuid()}`)).status).toBe(404);
    expect((await asAnn.get('messages/conversation/nobody')).status).toBe(404);
  });

  it('has pages without a gap, each oldest first', async () => {
    for (let number = 1; number <= 7; number++) await send(asAnn, bob.id, `message ${number}`);
    const pages: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await asBob.get(
        `messages/conversation/${ann.id}?limit=3${cursor && `&cursor=${cursor}`}`,
      );
      pages.push(body.messages.map(({ content }: { content: string }) => content.split(' ')[1]));
      cursor = body.next_cursor;
    }
    expect(pages).toEqual([['5', '6', '7'], ['2', '3', '4'], ['1']]);
  });
});
