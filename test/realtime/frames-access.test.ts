import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';
import { tokenOf } from './client.js';
import { StreamClient } from './stream-client.js';
import { SyncClient } from './sync-client.js';

const api = useApi();

const SECRET = 'SecretMarker';
const VISIBLE = 'VisibleMarker';

/** One who follows by a transport, and shows threads whether they see them or not. */
interface Follower {
  transport: string;
  text: () => string;
  isOver: () => boolean;
  stop: () => void;
}

type Follow = (
  who: Person,
  threads: string[],
  given: { lifetime?: string; cursor?: string },
) => Promise<Follower>;

const TRANSPORTS: Record<string, Follow> = {
  WebSocket: async (who, threads, given) => {
    const client = await SyncClient.open(api, who, given);
    await client.focus(...threads);
    return {
      transport: 'WebSocket',
      // What the client itself has sent comes back.
      text: () => JSON.stringify(client.frames.filter(({ type }) => type !== 'focus')),
      isOver: () => client.closed !== undefined,
      stop: () => client.socket.terminate(),
    };
  },
  'event stream': async (who, threads, given) => {
    const client = await StreamClient.connect(api, who, { ...given, threads: threads.join(',') });
    return {
      transport: 'event stream',
      text: () => client.text,
      isOver: () => client.isOver,
      stop: client.drop,
    };
  },
  'long polling': async (who, threads, { lifetime, cursor: given }) => {
    const client = api.withToken(await tokenOf(api, who, lifetime));
    let cursor = given ?? ((await client.get('realtime/changes')).body.cursor as string);
    const first = await client.get(`realtime/changes?cursor=${cursor}&threads=${threads.join(',')}`);
    let { text } = first;
    cursor = first.body.cursor as string;
    let isOver = false;
    const poll = async () => {
      while (!isOver) {
        const query = `cursor=${cursor}&wait=25&threads=${threads.join(',')}`;
        const { status, body, text: answer } = await client.get(`realtime/changes?${query}`);
        text += answer;
        cursor = body.cursor as string;
        // With a token that lives for a moment, there is one request.
        isOver ||= status !== 200 || lifetime !== undefined;
      }
    };
    void poll().catch(() => undefined);
    return { transport: 'long polling', text: () => text, isOver: () => isOver, stop: () => (isOver = true) };
  },
};

let [ann, bob, me, newcomer]: Person[] = [];
/** With me, and without me. */
let [group, others, direct]: string[] = [];
let secrets: string[] = [];
let following: Follower[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob, me, newcomer] = await Promise.all([
    person(api, organization),
    person(api, organization),
    person(api, organization),
    person(api, organization, { display_name: SECRET }),
  ]);
  [group, others] = await Promise.all([startGroup(ann, [bob, me]), startGroup(ann, [bob])]);
  ({ thread_id: direct } = await send(ann, me, 'Hello'));
  secrets = [SECRET];
});

afterEach(() => {
  for (const follower of following) follower.stop();
  following = [];
});

async function follow(who = me!, given: { lifetime?: string; cursor?: string } = {}): Promise<void> {
  const threads = [group!, others!, direct!];
  following = await Promise.all(Object.values(TRANSPORTS).map((open) => open(who, threads, given)));
}

/** Ann and Bob do everything in a group that I must not see. */
async function actIn(thread: string, { joins = true } = {}): Promise<void> {
  const edited = await post(ann!, thread, `${SECRET} text`);
  await ann!.client.patch(`messages/${edited}`, { content: `${SECRET} edited` });
  const deleted = await post(ann!, thread, `${SECRET} deleted`);
  await ann!.client.delete(`messages/${deleted}?scope=everyone`);
  await bob!.client.post(`messages/threads/${thread}/read`, {});
  await ann!.client.patch(`messages/threads/${thread}`, { subject: `${SECRET} subject` });
  const { message_id, thread_id } = await send(ann!, bob!, `${SECRET} direct`);
  const service = await api.build.service(ann!.organization, ['notifications:send']);
  const notification = { type: 'SYSTEM', title: SECRET, body: SECRET };
  const { status } = await service.post('notifications', { to: { users: [ann!.id] }, ...notification });
  expect(status).toBeLessThan(300);
  secrets.push(edited, deleted, message_id, thread_id);
  if (!joins) return;
  const participants = `messages/threads/${thread}/participants`;
  await ann!.client.post(participants, { user_id: newcomer!.id });
  await newcomer!.client.delete(`${participants}/${newcomer!.id}`);
  secrets.push(newcomer!.id);
}

/** All that the routes show to me. */
async function routes({ client }: Person): Promise<string> {
  const paths = ['inbox', 'threads', ...[group, others, direct].map((id) => `threads/${id}`)];
  const answers = await Promise.all([
    ...paths.map((path) => client.get(`messages/${path}`)),
    client.get('notifications'),
  ]);
  return answers.map(({ text }) => text).join('\n');
}

const expectNothingOf = (text: string, whose: string) =>
  expect(
    secrets.filter((secret) => text.includes(secret)),
    whose,
  ).toEqual([]);

/** Whatever was committed before is in the frames by then, if it is in any. */
async function expectOnlyVisible(who = me!): Promise<void> {
  for (const { transport, text } of following) {
    await expect.poll(text, { message: transport, interval: 10 }).toContain(VISIBLE);
    expectNothingOf(text(), transport);
  }
  const shown = await routes(who);
  expect(shown).toContain(VISIBLE);
  expectNothingOf(shown, 'routes');
}

async function expectEnded(): Promise<void> {
  for (const { transport, isOver } of following)
    await expect.poll(isOver, { message: transport, interval: 10 }).toBe(true);
  for (const { transport, text } of following) expectNothingOf(text(), transport);
}

describe('frames by every transport show nothing that the routes would not', () => {
  it('to somebody of another organization', async () => {
    const organization = await api.build.organization();
    const [stranger, friend] = [await person(api, organization), await person(api, organization)];
    await follow(stranger);
    await actIn(group!);
    await send(friend, stranger, VISIBLE);
    await expectOnlyVisible(stranger);
  });

  it('to a member of what happens in threads of others', async () => {
    await follow();
    await actIn(others!);
    await post(bob!, group!, VISIBLE);
    await expectOnlyVisible();
  });

  it('to somebody who blocks, of what the blocked person does', async () => {
    await me!.client.post(`messages/users/${ann!.id}/block`);
    await follow();
    await actIn(group!, { joins: false });
    expect((await ann!.client.post('messages/send', { recipient: me!.id, content: SECRET })).status).toBe(
      403,
    );
    await post(bob!, group!, VISIBLE);
    await expectOnlyVisible();
  });

  it('to somebody who is blocked, that they are', async () => {
    await follow();
    await ann!.client.post(`messages/users/${me!.id}/block`);
    await actIn(others!);
    await send(bob!, me!, VISIBLE);
    for (const { transport, text } of following) {
      await expect.poll(text, { message: transport, interval: 10 }).toContain(VISIBLE);
      // The thread itself, or that it is gone.
      const hints = [`"id":"${direct}"`, `["${direct}"`, 'block', '"reset":true'];
      for (const hint of [...secrets, ...hints]) expect(text(), transport).not.toContain(hint);
    }
  });

  it('to somebody who has left the group', async () => {
    await me!.client.delete(`messages/threads/${group!}/participants/${me!.id}`);
    await follow();
    await actIn(group!);
    await send(bob!, me!, VISIBLE);
    await expectOnlyVisible();
  });

  it('to somebody who was removed', async () => {
    await follow();
    await api.platform(me!.organization).delete(`members/${me!.id}`);
    await actIn(group!);
    await expectEnded();
  });

  it('to somebody who was removed and is a member again, of the time between', async () => {
    const { cursor } = (await me!.client.get('realtime/changes')).body as { cursor: string };
    const members = api.platform(me!.organization);
    await members.delete(`members/${me!.id}`);
    await actIn(group!);
    const { username, display_name, role } = me!;
    expect((await members.put(`members/${me!.id}`, { username, display_name, role })).status).toBeLessThan(
      300,
    );
    await follow(me, { cursor });
    await send(bob!, me!, VISIBLE);
    await expectOnlyVisible();
  });

  it('to somebody whose token has expired', async () => {
    await follow(me, { lifetime: '3 seconds' });
    for (const { transport, isOver } of following)
      await expect.poll(isOver, { message: transport, interval: 10 }).toBe(true);
    await actIn(group!);
    await expectEnded();
  });

  it('of a hidden person in threads of others', async () => {
    await newcomer!.client.patch('me/visibility', { profile_visibility: 'hidden' });
    await follow();
    const { message_id } = await send(newcomer!, bob!, SECRET);
    await ann!.client.post(`messages/threads/${others!}/participants`, { user_id: newcomer!.id });
    secrets.push(message_id, newcomer!.id, await post(newcomer!, others!, SECRET));
    await send(bob!, me!, VISIBLE);
    await expectOnlyVisible();
  });
});
