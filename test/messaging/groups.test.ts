import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const api = useApi();

let organization: TestOrganization;
let [ann, bob, carol]: TestMember[] = [];
let [asAnn, asBob, asCarol]: Client[] = [];

beforeEach(async () => {
  organization = await api.build.organization();
  const members = await Promise.all([1, 2, 3].map(() => api.build.member({ organization })));
  [ann, bob, carol] = members;
  [asAnn, asBob, asCarol] = await Promise.all(members.map((member) => api.as(member)));
});

const start = async (given: object = {}) =>
  (await asAnn!.post('messages/threads', { participant_ids: [bob!.id], subject: 'Us', ...given })).body as {
    id: string;
  };

const post = (client: Client, threadId: string, content: string) =>
  client.post(`messages/threads/${threadId}/messages`, { content });

const contents = async (client: Client, threadId: string) =>
  (await client.get(`messages/threads/${threadId}`)).body.messages.map(
    ({ content }: { content: string | null }) => content,
  ) as string[];

describe('starting a group', () => {
  it('takes a subject, a context and people by id or username, each once', async () => {
    const answer = await asAnn!.post('messages/threads', {
      participant_ids: [bob!.id, carol!.username, bob!.username, ann!.id],
      subject: 'Plan',
      context: { type: 'building', id: 'B-7', label: 'North wing' },
    });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        kind: 'group',
        subject: 'Plan',
        context: { type: 'building', id: 'B-7', label: 'North wing' },
        patient_id: null,
        participant_count: 3,
        unread_count: 0,
        last_message: null,
        left: false,
      },
    });
    const people = answer.body.participants.map(({ username }: { username: string }) => username);
    expect(people.toSorted()).toEqual([ann!, bob!, carol!].map(({ username }) => username).toSorted());
    const other = await start();
    expect(other.id).not.toBe(answer.body.id);
  });

  it('takes patient_id as shorthand for a context', async () => {
    expect(await start({ patient_id: 'P-1' })).toMatchObject({
      patient_id: 'P-1',
      context: { type: 'patient', id: 'P-1', label: null },
    });
  });

  it.each([
    ['nobody', { participant_ids: [] }, 400, 'participant_ids'],
    ['only myself', { participant_ids: ['me'] }, 400, 'participant_ids'],
    ['a value that is not a list', { participant_ids: 'bob' }, 400, 'participant_ids'],
    ['a list of numbers', { participant_ids: [1] }, 400, 'participant_ids'],
    ['too many', { participant_ids: Array.from({ length: 1000 }, () => uuid()) }, 400, 'participant_ids'],
    ['somebody unknown', { participant_ids: [uuid()] }, 404, 'participant_ids.0'],
    ['no subject', { subject: undefined }, 400, 'subject'],
    ['a subject of 101', { subject: 'x'.repeat(101) }, 400, 'subject'],
    ['a context without an id', { context: { type: 'patient' } }, 400, 'context.id'],
    ['a context that is a string', { context: 'patient' }, 400, 'context'],
    ['a context that is a list', { context: [] }, 400, 'context'],
    ['an unknown field of the context', { context: { type: 'a', id: 'b', c: 1 } }, 400, 'context.c'],
    ['a context and a patient', { context: { type: 'a', id: 'b' }, patient_id: 'c' }, 400, 'patient_id'],
  ])('with %s is refused', async (_what, change, status, field) => {
    const ids = (change as { participant_ids?: unknown }).participant_ids;
    const body = {
      participant_ids: [bob!.id],
      subject: 'Us',
      ...change,
      ...(Array.isArray(ids) && ids[0] === 'me' && { participant_ids: [ann!.id] }),
    };
    expect(await asAnn!.post('messages/threads', body)).toMatchObject({
      status,
      body: { errors: [{ field }] },
    });
    expect((await asBob!.get('messages/threads')).body.data).toEqual([]);
  });
});

describe('joining and leaving', () => {
  it('shows new participants later messages only, and former ones earlier messages only', async () => {
    const { id } = await start();
    await post(asAnn!, id, 'before');
    const joined = await asAnn!.post(`messages/threads/${id}/participants`, { user_id: carol!.username });
    expect(joined).toMatchObject({ status: 201, body: { participant_count: 3 } });
    await post(asAnn!, id, 'during');
    expect(await contents(asCarol!, id)).toEqual(['during']);
    expect((await asCarol!.get('messages/unread-count')).body.unread_count).toBe(1);

    expect((await asCarol!.delete(`messages/threads/${id}/participants/${carol!.id}`)).status).toBe(204);
    await post(asAnn!, id, 'after');
    expect(await contents(asCarol!, id)).toEqual(['during']);
    const { body: left } = await asCarol!.get(`messages/threads/${id}`);
    expect(left).toMatchObject({ left: true, unread_count: 1, last_message: { preview: 'during' } });
    expect((await post(asCarol!, id, 'from outside')).status).toBe(403);
    expect((await asAnn!.get(`messages/threads/${id}`)).body.participant_count).toBe(2);

    await asAnn!.post(`messages/threads/${id}/participants`, { user_id: carol!.id });
    expect(await contents(asCarol!, id)).toEqual([]);
    await post(asBob!, id, 'welcome back');
    expect(await contents(asCarol!, id)).toEqual(['welcome back']);
  });

  it('can be repeated, with 200 for a participant and 404 for a former one', async () => {
    const { id } = await start();
    const path = `messages/threads/${id}/participants`;
    expect((await asAnn!.post(path, { user_id: bob!.id })).status).toBe(200);
    expect((await asAnn!.delete(`${path}/${bob!.username}`)).status).toBe(204);
    expect((await asAnn!.delete(`${path}/${bob!.id}`)).status).toBe(404);
    expect((await asAnn!.get(`messages/threads/${id}`)).body.participant_count).toBe(1);
  });

  it('counts each person once under concurrency', async () => {
    const { id } = await start();
    const others = await Promise.all(Array.from({ length: 8 }, () => api.build.member({ organization })));
    await Promise.all(
      [...others, ...others].map((other) =>
        asAnn!.post(`messages/threads/${id}/participants`, { user_id: other.id }),
      ),
    );
    const { body } = await asAnn!.get(`messages/threads/${id}`);
    expect(body.participant_count).toBe(10);
    expect(body.participants).toHaveLength(10);
  });

  it('of others requires the owner, or a participant with messages:moderate', async () => {
    const { id } = await start();
    const path = `messages/threads/${id}/participants`;
    const admin = await api.build.member({ organization, role: 'admin' });
    const asAdmin = await api.as(admin);
    expect((await asBob!.post(path, { user_id: carol!.id })).status).toBe(403);
    expect((await asCarol!.post(path, { user_id: carol!.id })).status).toBe(404);
    expect((await asAdmin.post(path, { user_id: carol!.id })).status).toBe(404);
    expect((await asAnn!.post(path, { user_id: admin.id })).status).toBe(201);
    expect((await asAdmin.post(path, { user_id: carol!.id })).status).toBe(201);
    expect((await asBob!.delete(`${path}/${carol!.id}`)).status).toBe(403);
    expect((await asAdmin.delete(`${path}/${carol!.id}`)).status).toBe(204);
  });

  it('passes the group to the longest participant if the owner leaves', async () => {
    const { id } = await start();
    const path = `messages/threads/${id}/participants`;
    await asAnn!.post(path, { user_id: carol!.id });
    await asAnn!.delete(`${path}/${ann!.id}`);
    expect((await asCarol!.delete(`${path}/${bob!.id}`)).status).toBe(403);
    expect((await asBob!.delete(`${path}/${carol!.id}`)).status).toBe(204);
    expect((await asAnn!.post(path, { user_id: carol!.id })).status).toBe(403);
  });

  it('gets 409 for direct threads', async () => {
    const { body } = await asAnn!.post('messages/threads', { recipient_id: bob!.id });
    const path = `messages/threads/${body.id}/participants`;
    expect((await asAnn!.post(path, { user_id: carol!.id })).status).toBe(409);
    expect((await asAnn!.delete(`${path}/${ann!.id}`)).status).toBe(409);
    expect((await asAnn!.delete(`${path}/${bob!.id}`)).status).toBe(409);
    expect((await asAnn!.patch(`messages/threads/${body.id}`, { subject: 'Us' })).status).toBe(409);
  });
});

describe('a message in a group', () => {
  it('is read by all only once each of the others has read it', async () => {
    const { id } = await start({ participant_ids: [bob!.id, carol!.id] });
    const { body: message } = await post(asAnn!, id, 'hello all');
    const seen = async () => (await asAnn!.get(`messages/threads/${id}`)).body.messages[0];
    await asBob!.patch(`messages/${message.id}/read`);
    expect(await seen()).toMatchObject({ is_read: false, read_at: null, receipts: [{ user_id: bob!.id }] });
    const { body: last } = await asCarol!.patch(`messages/${message.id}/read`);
    expect(await seen()).toMatchObject({
      is_read: true,
      read_at: last.read_at,
      recipient: null,
      receipts: [{ user_id: bob!.id }, { user_id: carol!.id, read_at: last.read_at }],
    });
  });

  it('can only reply to a message of the same thread', async () => {
    const { id } = await start();
    const { body: question } = await post(asAnn!, id, 'question');
    const { body: elsewhere } = await post(asAnn!, (await start()).id, 'elsewhere');
    const answer = (reply_to_id: unknown) =>
      asBob!.post(`messages/threads/${id}/messages`, { content: 'answer', reply_to_id });
    expect(await answer(question.id)).toMatchObject({ status: 201, body: { reply_to_id: question.id } });
    for (const other of [elsewhere.id, uuid(), 'x']) {
      expect(await answer(other)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'reply_to_id' }] },
      });
    }
  });
});
