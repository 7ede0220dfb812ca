import { expect } from 'vitest';
import type { TestApi } from '../support/api.js';
import type { Answer } from '../support/http.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

type Ids = Record<string, string>;

/** One of two worlds where the same has happened to people of the same names, but for how somebody shut me out. */
export interface World {
  me: Person;
  them: Person;
  /** Ids by names that both worlds share. */
  threads: Ids;
  messages: Ids;
  notifications: Ids;
  /** An answer, with ids as names and times as before or after they shut me out. */
  simplify: (answer: Answer) => object;
  /** Waits until all that follows from what was done has happened. */
  settle: () => Promise<void>;
}

export type ShutOut = (them: Person, me: Person) => Promise<Answer>;

export async function buildWorld(
  api: TestApi,
  shutOut: ShutOut,
  { role, isKnown }: { role: string; isKnown: boolean },
): Promise<World> {
  const organization = await api.build.organization({ name: 'Mirror' });
  const named = (username: string, itsRole: string) =>
    person(api, organization, { username, display_name: username, role: itsRole });
  const [me, them, other] = [
    await named('me', role),
    await named('them', 'therapist'),
    await named('other', 'user'),
  ];
  const settle = () =>
    expect.poll(() => outboxOf(api, organization), { timeout: 10_000, interval: 5 }).toEqual([]);
  /** One thing at a time, so that what follows is in the same order in both worlds. */
  const after = async <T>(done: Promise<T>): Promise<T> => {
    const result = await done;
    await settle();
    return result;
  };
  const club = await after(startGroup(me, [other]));
  const [threads, messages]: [Ids, Ids] = [
    { club },
    { mineInClub: await after(post(me, club, 'Mine in club')) },
  ];
  if (isKnown) await converse({ me, them, other, threads, messages }, after);

  const closedAt = Date.now();
  const { status } = await after(shutOut(them, me));
  if (status >= 300) throw new Error(`Could not shut me out: ${status}`);
  if (isKnown) await goOn({ me, them, other, threads, messages }, after);

  const { data } = (await me.client.get('notifications')).body as { data: { id: string }[] };
  const notifications = Object.fromEntries(data.map(({ id }, index) => [`notification${index + 1}`, id]));
  const names = { ...threads, ...messages, ...notifications, me: me.id, them: them.id, other: other.id };
  return { me, them, threads, messages, notifications, simplify: simplifier(names, closedAt), settle };
}

const outboxOf = (api: TestApi, { id }: { id: string }) =>
  api.database.query('SELECT type FROM outbox WHERE organization_id = $1', [id]);

type Cast = Pick<World, 'me' | 'them' | 'threads' | 'messages'> & { other: Person };
type After = <T>(done: Promise<T>) => Promise<T>;

/** Both have written, and each has read something of the other, alone and in two groups. */
async function converse({ me, them, other, threads, messages }: Cast, after: After): Promise<void> {
  const theirs = await after(send(them, me, 'Theirs'));
  const mine = await after(send(me, them, 'Mine'));
  await after(me.client.patch(`messages/${mine.message_id}`, { content: 'Mine, edited' }));
  const token = { recipient: them.id, content: 'With a token', client_token: 'known' };
  await after(me.client.post('messages/send', token));
  const group = await after(startGroup(me, [them, other]));
  const theirGroup = await after(startGroup(them, [me, other]));
  Object.assign(threads, { direct: mine.thread_id, group, theirGroup });
  Object.assign(messages, {
    theirs: theirs.message_id,
    mine: mine.message_id,
    mineInGroup: await after(post(me, group, 'Mine in group')),
    theirsInGroup: await after(post(them, group, 'Theirs in group')),
    unreadInTheirGroup: await after(post(other, theirGroup, 'By another one')),
  });
  await after(them.client.post(`messages/threads/${mine.thread_id}/read`, { up_to: mine.message_id }));
  await after(them.client.post(`messages/threads/${group}/read`));
  await after(me.client.patch(`messages/${theirs.message_id}/read`, {}));
}

/** What they still do where they may, after they shut me out. */
async function goOn({ me, them, threads: { direct, group }, messages }: Cast, after: After): Promise<void> {
  messages['laterInGroup'] = await after(post(them, group!, 'Theirs in group, later'));
  messages['mineLaterInGroup'] = await after(post(me, group!, 'Mine in group, later'));
  for (const id of [direct, group]) await after(them.client.post(`messages/threads/${id}/read`));
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g;
/** Of GET realtime/changes. */
const POSITION = /"cursor":"[\w-]+"/;
const CURSOR = /"next_cursor":"[\w-]+"/g;
/** Each organization has its own. */
const SECRET = /td_[\w-]+|whsec_[\w+/=]+|(?<="public_key":")[\w-]+/g;

/** What is not known by name is numbered as it comes: it comes in the same order in both worlds. */
function simplifier(known: Ids, closedAt: number): World['simplify'] {
  const names = new Map(Object.entries(known).map(([name, id]) => [id, name]));
  const nameOf = (id: string): string => {
    if (!names.has(id)) names.set(id, `new ${names.size}`);
    return names.get(id)!;
  };
  const whenOf = (time: string): string => (Date.parse(time) > closedAt ? 'after' : 'before');
  return ({ status, headers, text }) => {
    const { date: _date, 'x-request-id': _id, 'tidings-cursor': _cursor, ratelimit, ...rest } = headers;
    const kept: Record<string, unknown> = { ...rest, ratelimit: ratelimit?.replace(/t=\d+$/, '') };
    // It names the transactions in progress, so its length varies too.
    if (POSITION.test(text)) delete kept['content-length'];
    const body = text
      .replace(POSITION, '"cursor":"position"')
      .replace(CURSOR, '"next_cursor":"more"')
      .replace(SECRET, 'secret');
    return { status, headers: kept, body: body.replace(ID, nameOf).replace(TIME, whenOf) };
  };
}
