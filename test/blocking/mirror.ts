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
  /** An answer, with ids as names and times as before or after they shut me out. */
  simplify: (answer: Answer) => object;
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
  const me = await named('me', role);
  const them = await named('them', 'therapist');
  const other = await named('other', 'user');
  const club = await startGroup(me, [other]);
  const threads: Ids = { club };
  const messages: Ids = { mineInClub: await post(me, club, 'Mine in club') };
  if (isKnown) await converse(me, them, other, threads, messages);

  const closedAt = Date.now();
  const { status } = await shutOut(them, me);
  if (status >= 300) throw new Error(`Could not shut me out: ${status}`);
  if (isKnown) await goOn(me, them, threads, messages);

  const names = { ...threads, ...messages, me: me.id, them: them.id, other: other.id };
  return { me, them, threads, messages, simplify: simplifier(names, closedAt) };
}

/** Both have written, and each has read something of the other, alone and in two groups. */
async function converse(me: Person, them: Person, other: Person, threads: Ids, messages: Ids): Promise<void> {
  const theirs = await send(them, me, 'Theirs');
  const mine = await send(me, them, 'Mine');
  await me.client.patch(`messages/${mine.message_id}`, { content: 'Mine, edited' });
  const token = { recipient: them.id, content: 'With a token', client_token: 'known' };
  await me.client.post('messages/send', token);
  const group = await startGroup(me, [them, other]);
  const theirGroup = await startGroup(them, [me, other]);
  Object.assign(threads, { direct: mine.thread_id, group, theirGroup });
  Object.assign(messages, {
    theirs: theirs.message_id,
    mine: mine.message_id,
    mineInGroup: await post(me, group, 'Mine in group'),
    theirsInGroup: await post(them, group, 'Theirs in group'),
    unreadInTheirGroup: await post(other, theirGroup, 'By another one'),
  });
  await them.client.post(`messages/threads/${mine.thread_id}/read`, { up_to: mine.message_id });
  await them.client.post(`messages/threads/${group}/read`);
  await me.client.patch(`messages/${theirs.message_id}/read`, {});
}

/** What they still do where they may, after they shut me out. */
async function goOn(me: Person, them: Person, { direct, group }: Ids, messages: Ids): Promise<void> {
  messages['laterInGroup'] = await post(them, group!, 'Theirs in group, later');
  messages['mineLaterInGroup'] = await post(me, group!, 'Mine in group, later');
  for (const id of [direct, group]) await them.client.post(`messages/threads/${id}/read`);
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g;
const CURSOR = /"next_cursor":"[\w-]+"/g;
const SECRET = /td_[\w-]+/g;

/** What is not known by name is numbered as it comes: it comes in the same order in both worlds. */
function simplifier(known: Ids, closedAt: number): World['simplify'] {
  const names = new Map(Object.entries(known).map(([name, id]) => [id, name]));
  const nameOf = (id: string): string => {
    if (!names.has(id)) names.set(id, `new ${names.size}`);
    return names.get(id)!;
  };
  const whenOf = (time: string): string => (Date.parse(time) > closedAt ? 'after' : 'before');
  return ({ status, headers, text }) => {
    const { date: _date, 'x-request-id': _id, ratelimit, ...rest } = headers;
    const kept = { ...rest, ratelimit: ratelimit?.replace(/t=\d+$/, '') };
    const body = text.replace(CURSOR, '"next_cursor":"more"').replace(SECRET, 'secret');
    return { status, headers: kept, body: body.replace(ID, nameOf).replace(TIME, whenOf) };
  };
}
