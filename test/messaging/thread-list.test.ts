import { beforeEach, describe, expect, it } from 'vitest';
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

const group = async (subject: string, context?: object) =>
  (await asAnn.post('messages/threads', { participant_ids: [bob.id], subject, context })).body as {
    id: string;
  };

const post = (client: Client, { id }: { id: string }, content = 'hello') =>
  client.post(`messages/threads/${id}/messages`, { content });

async function list(client: Client, query = ''): Promise<{ id: string; subject: string | null }[]> {
  return (await client.get(`messages/threads?${query}`)).body.data;
}

const subjects = async (client: Client, query = '') =>
  (await list(client, query)).map(({ subject }) => subject);

describe('the list of threads', () => {
  it('has direct threads and groups, newest activity first, with a preview of the last message', async () => {
    const [one, two] = [await group('one'), await group('two')];
    await asBob.post('messages/send', { recipient: ann.id, content: 'direct' });
    await post(asBob, one, 'x'.repeat(500));
    expect(await subjects(asAnn)).toEqual(['one', null, 'two']);
    await post(asBob, two);
    expect(await subjects(asAnn)).toEqual(['two', 'one', null]);
    const [newest, before, direct] = await list(asAnn);
    expect(newest).toMatchObject({
      unread_count: 1,
      last_message: { sender_id: bob.id, preview: 'hello', sent_at: expect.any(String) },
      last_message_at: expect.any(String),
    });
    expect(before).toMatchObject({ last_message: { preview: 'x'.repeat(140) } });
    expect(direct).toMatchObject({ kind: 'direct', last_message: { preview: 'direct' } });
  });

  it('has pages over both kinds without a gap', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => api.build.member({ organization })));
    for (const [index, other] of others.entries()) {
      await group(`group ${index}`);
      await asAnn.post('messages/send', { recipient: other.id, content: 'x' });
    }
    const all = (await list(asAnn)).map(({ id }) => id);
    expect(all).toHaveLength(10);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await asAnn.get(`messages/threads?limit=3${cursor && `&cursor=${cursor}`}`);
      paged.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor;
    }
    expect(paged).toEqual(all);
  });

  it('filters by unread and by context', async () => {
    const rota = await group('rota', { type: 'building', id: 'B-1' });
    const roof = await group('roof', { type: 'building', id: 'B-2' });
    await group('other', { type: 'ticket', id: 'B-1' });
    await asAnn.post('messages/send', { recipient: bob.id, content: 'direct' });
    await post(asAnn, rota);
    await post(asAnn, roof);
    await asBob.post(`messages/threads/${roof.id}/read`);
    expect(await subjects(asBob, 'unread_only=true')).toEqual(['rota', null]);
    expect(await subjects(asBob, 'context_type=building')).toEqual(['roof', 'rota']);
    expect(await subjects(asBob, 'context_type=building&context_id=B-1')).toEqual(['rota']);
    expect(await subjects(asBob, 'context_type=building&unread_only=true')).toEqual(['rota']);
    expect(await asBob.get('messages/threads?context_id=B-1')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'context_type' }] },
    });
  });

  it.each(['limit=0', 'limit=101', 'cursor=AAAA', 'unread_only=1', 'archived=', 'unknown=1'])(
    'refuses %s',
    async (query) => {
      expect((await asAnn.get(`messages/threads?${query}`)).status).toBe(400);
    },
  );

  it('contains only the caller’s threads, and strangers get 404 for their ids', async () => {
    const { id } = await group('private');
    const stranger = await api.as(await api.build.member({ organization }));
    expect(await list(stranger)).toEqual([]);
    for (const answer of [
      await stranger.get(`messages/threads/${id}`),
      await stranger.patch(`messages/threads/${id}`, { archived: true }),
      await stranger.post(`messages/threads/${id}/messages`, { content: 'x' }),
      await stranger.post(`messages/threads/${id}/read`),
    ])
      expect(answer.status).toBe(404);
  });
});

describe('the settings of a person for a thread', () => {
  it('are personal: muted until a time, archived and restored', async () => {
    const thread = await group('us');
    const path = `messages/threads/${thread.id}`;
    const until = '2099-01-01T00:00:00.000Z';
    expect((await asBob.patch(path, { muted_until: until, archived: true })).body).toMatchObject({
      muted_until: until,
      archived: true,
    });
    expect((await asAnn.get(path)).body).toMatchObject({ muted_until: null, archived: false });
    expect(await subjects(asBob, 'archived=false')).toEqual([]);
    expect(await subjects(asBob, 'archived=true')).toEqual(['us']);
    expect(await subjects(asBob)).toEqual(['us']);
    expect((await asBob.patch(path, { muted_until: null })).body).toMatchObject({
      muted_until: null,
      archived: true,
    });
    expect((await asBob.patch(path, { archived: false })).body.archived).toBe(false);
    expect((await asBob.patch(path, { muted_until: 'tomorrow' })).body.errors).toMatchObject([
      { field: 'muted_until' },
    ]);
  });

  it('do not include the subject, which the owner changes for all', async () => {
    const { id } = await group('old');
    expect((await asBob.patch(`messages/threads/${id}`, { subject: 'new' })).status).toBe(403);
    expect((await asAnn.patch(`messages/threads/${id}`, { subject: 'new' })).body.subject).toBe('new');
    expect(await subjects(asBob)).toEqual(['new']);
  });
});
