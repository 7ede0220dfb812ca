import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { deleteUser } from '../support/deletion.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

const api = useApi();

let ann: Person;
let ben: Person;
let cas: Person;
let group: string;

beforeEach(async () => {
  const organization = await api.build.organization();
  const someone = () => person(api, organization);
  [ann, ben, cas] = [await someone(), await someone(), await someone()];
  group = await startGroup(ann, [ben, cas]);
});

const messages = async ({ client }: Person, path = `threads/${group}`) =>
  (await client.get(`messages/${path}`)).body.messages as Record<string, any>[];

const oversee = async (threadId: string) => {
  const moderator = api.platform(ann.organization).with({ 'X-Access-Reason': 'A test' });
  return (await moderator.get(`admin/threads/${threadId}/messages`)).body.data as Record<string, any>[];
};

describe('the client_token of a message', () => {
  const sendToGroup = (body: object) => ann.client.post(`messages/threads/${group}/messages`, body);

  it('is in every response for the sender, and null for everybody else', async () => {
    const input = { content: 'One', client_token: 'token' };
    const sent = await sendToGroup(input);
    expect(sent.body.client_token).toBe('token');
    expect((await sendToGroup(input)).body).toMatchObject({ id: sent.body.id, client_token: 'token' });
    const edited = await ann.client.patch(`messages/${sent.body.id}`, { content: 'Two' });
    expect(edited.body.client_token).toBe('token');
    expect(await messages(ann)).toMatchObject([{ client_token: 'token' }]);
    expect(await messages(ben)).toMatchObject([{ id: sent.body.id, client_token: null }]);
  });

  it('is null for a message without one', async () => {
    expect((await sendToGroup({ content: 'One' })).body.client_token).toBeNull();
    expect(await messages(ann)).toMatchObject([{ client_token: null }]);
  });

  it('is in a conversation for the sender alone, and not in oversight', async () => {
    await ann.client.post('messages/send', { recipient: ben.id, content: 'One', client_token: 'direct' });
    expect(await messages(ann, `conversation/${ben.id}`)).toMatchObject([{ client_token: 'direct' }]);
    const [received] = await messages(ben, `conversation/${ann.id}`);
    expect(received!['client_token']).toBeNull();
    const overseen = await oversee(received!['thread_id']);
    expect(overseen).toHaveLength(1);
    expect(overseen[0]).not.toHaveProperty('client_token');
  });
});

describe('the rev of a message', () => {
  const edit = async (id: string, content: string) =>
    (await ann.client.patch(`messages/${id}`, { content })).body as Record<string, any>;
  const leave = ({ id, client }: Person) => client.delete(`messages/threads/${group}/participants/${id}`);
  const revs = async (...people: Person[]) =>
    Promise.all(people.map(async (who) => (await messages(who))[0]!['rev'] as number));

  it('starts at 1, and increases with each edit and the deletion for everyone', async () => {
    const { body } = await ann.client.post(`messages/threads/${group}/messages`, { content: 'One' });
    expect(body.rev).toBe(1);
    expect(await edit(body.id, 'Two')).toMatchObject({ rev: 2 });
    expect(await edit(body.id, 'Two')).toMatchObject({ rev: 2 });
    expect(await edit(body.id, 'Three')).toMatchObject({ rev: 3 });
    await ben.client.post(`messages/threads/${group}/read`);
    expect(await revs(ann, ben)).toEqual([3, 3]);
    for (let count = 0; count < 2; count++) await ann.client.delete(`messages/${body.id}?scope=everyone`);
    expect(await revs(ann, ben)).toEqual([4, 4]);
    expect(await oversee(group)).toMatchObject([{ rev: 4 }]);
  });

  it('does not tell a person that the other one deleted it for themselves', async () => {
    const { message_id, thread_id } = await send(ann, ben, 'One');
    await ben.client.delete(`messages/${message_id}?scope=me`);
    expect(await messages(ann, `threads/${thread_id}`)).toMatchObject([{ rev: 1 }]);
    await ann.client.delete(`messages/${message_id}?scope=me`);
    expect(await oversee(thread_id)).toMatchObject([{ rev: 2, deleted_at: expect.any(String) }]);
  });

  it('is that of the text that a former participant sees, whatever edits follow', async () => {
    const id = await post(ann, group, 'One');
    await edit(id, 'Two');
    await leave(ben);
    await edit(id, 'Three');
    expect(await edit(id, 'Four')).toMatchObject({ rev: 4 });
    expect(await revs(ann, ben)).toEqual([4, 2]);
    await ann.client.delete(`messages/${id}?scope=everyone`);
    expect(await revs(ann, ben)).toEqual([5, 3]);
  });

  it('does not depend on later edits once retention has deleted the text of a former participant', async () => {
    const id = await post(ann, group, 'One');
    await leave(ben);
    await edit(id, 'Two');
    await api.database.query('DELETE FROM message_versions WHERE message_id = $1', [id]);
    expect(await messages(ben)).toMatchObject([{ content: null, rev: 1_000_000_000 }]);
    await edit(id, 'Three');
    await ann.client.delete(`messages/${id}?scope=everyone`);
    await api.database.query('DELETE FROM message_versions WHERE message_id = $1', [id]);
    expect(await revs(ann, ben)).toEqual([4, 1_000_000_001]);
  });

  it('increases when its sender is deleted, also for a former participant', async () => {
    const id = await post(ann, group, 'One');
    await leave(ben);
    await edit(id, 'Two');
    await deleteUser(api, ann.id);
    expect(await messages(ben)).toMatchObject([{ content: 'One', sender_id: null, rev: 2 }]);
    expect(await messages(cas)).toMatchObject([{ content: 'Two', sender_id: null, rev: 3 }]);
  });
});
