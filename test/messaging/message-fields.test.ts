import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, startGroup } from '../support/people.js';

const api = useApi();

let ann: Person;
let ben: Person;
let group: string;

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, ben] = [await person(api, organization), await person(api, organization)];
  group = await startGroup(ann, [ben]);
});

const messages = async ({ client }: Person, path = `threads/${group}`) =>
  (await client.get(`messages/${path}`)).body.messages as Record<string, any>[];

describe('the client_token of a message', () => {
  const post = (body: object) => ann.client.post(`messages/threads/${group}/messages`, body);

  it('is in every response for the sender, and null for everybody else', async () => {
    const input = { content: 'One', client_token: 'token' };
    const sent = await post(input);
    expect(sent.body.client_token).toBe('token');
    expect((await post(input)).body).toMatchObject({ id: sent.body.id, client_token: 'token' });
    const edited = await ann.client.patch(`messages/${sent.body.id}`, { content: 'Two' });
    expect(edited.body.client_token).toBe('token');
    expect(await messages(ann)).toMatchObject([{ client_token: 'token' }]);
    expect(await messages(ben)).toMatchObject([{ id: sent.body.id, client_token: null }]);
  });

  it('is null for a message without one', async () => {
    expect((await post({ content: 'One' })).body.client_token).toBeNull();
    expect(await messages(ann)).toMatchObject([{ client_token: null }]);
  });

  it('is in a conversation for the sender alone, and not in oversight', async () => {
    await ann.client.post('messages/send', { recipient: ben.id, content: 'One', client_token: 'direct' });
    expect(await messages(ann, `conversation/${ben.id}`)).toMatchObject([{ client_token: 'direct' }]);
    const [received] = await messages(ben, `conversation/${ann.id}`);
    expect(received!['client_token']).toBeNull();
    const moderator = api.platform(ann.organization).with({ 'X-Access-Reason': 'A test' });
    const overseen = await moderator.get(`admin/threads/${received!['thread_id']}/messages`);
    expect(overseen.body.data).toHaveLength(1);
    expect(overseen.body.data[0]).not.toHaveProperty('client_token');
  });
});
