import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { each } from '../support/each.js';
import type { Answer } from '../support/http.js';
import {
  type Case,
  type Pair,
  ROLES,
  type Role,
  WINDOW_DAYS,
  type World,
  buildWorld,
  nameOf,
} from './decision-world.js';

const api = useApi({ worker: 'off' });
let world: World;

beforeAll(async () => {
  world = await buildWorld(api);
}, 120_000);

/** requirements.md, M9: to whom each role may write first. A user may answer a clinician. */
const MAY_START: Record<Role, readonly Role[]> = {
  admin: ROLES,
  therapist: ROLES,
  clinician: ROLES,
  user: ['admin', 'therapist', 'user'],
};

/** design.md: whom I block, then the roles, then in one answer what the other one has chosen in private. */
function expectedOf({ from, to, history, accepts, block }: Case, hasWindow: boolean): string {
  const theyWrote = history.startsWith('they wrote');
  const isOver = hasWindow && history.endsWith('over');
  if (block === 'I block them') return '409 blocked_by_you';
  if (!MAY_START[from].includes(to) && (!theyWrote || isOver)) return '403 role_not_allowed';
  const isKept = accepts === 'nobody' || (accepts === 'known' && !theyWrote);
  return isKept || block === 'they block me' ? '403 recipient_unavailable' : 'yes';
}

const setRules = async (rules: object[]) =>
  expect((await world.admin.put('admin/messaging-rules', { rules })).status).toBe(200);

const WINDOW = { from_role: 'user', to_role: 'clinician', allows: 'reply', reply_window_days: WINDOW_DAYS };

type Ask = (pair: Pair, name: string) => Promise<Answer>;

/** Each does what it asks for, where it may. */
const SEND: Ask = ({ me, them }, name) =>
  me.client.post('messages/send', { recipient: them.member.username, content: `send: ${name}` });
const POST: Ask = ({ me, threadId }, name) =>
  me.client.post(`messages/threads/${threadId}/messages`, { content: `post: ${name}` });
const MAKE_GROUP: Ask = ({ me, them }, name) =>
  me.client.post('messages/threads', { participant_ids: [them.member.id], subject: name });
const ADD_TO_GROUP: Ask = ({ me, them, from }) =>
  me.client.post(`messages/threads/${world.groups[from]}/participants`, { user_id: them.member.id });

const outcomeOf = ({ status, body }: Answer): string => (status < 300 ? 'yes' : `${status} ${body.code}`);

const STATUS: Record<string, number> = {
  blocked_by_you: 409,
  role_not_allowed: 403,
  recipient_unavailable: 403,
};

async function askBefore({ me, them }: Pair): Promise<string> {
  const { body } = await me.client.get(`members/${them.member.id}/can-message`);
  expect(body.allowed).toBe(body.code === null);
  return body.allowed ? 'yes' : `${STATUS[body.code]} ${body.code}`;
}

/** The outcome of each pair, with the name of the pair. */
const outcomesOf = (pairs: Pair[], outcome: (pair: Pair) => Promise<string>): Promise<string[]> =>
  each(pairs, async (pair) => `${nameOf(pair)}: ${await outcome(pair)}`);

const expectedOutcomes = (pairs: Pair[], hasWindow: boolean): string[] =>
  pairs.map((pair) => `${nameOf(pair)}: ${expectedOf(pair, hasWindow)}`);

const pairsOf = (from: Role): Pair[] => world.pairs.filter((pair) => pair.from === from);

describe.each(ROLES)('the decision for a %s', (from) => {
  it('follows the table on every route', async () => {
    await setRules([WINDOW]);
    const pairs = pairsOf(from);
    const withThread = pairs.filter(({ threadId }) => threadId);
    expect(await outcomesOf(pairs, askBefore)).toEqual(expectedOutcomes(pairs, true));
    for (const [ask, asked] of [
      [SEND, pairs],
      [POST, withThread],
      [MAKE_GROUP, pairs],
      [ADD_TO_GROUP, pairs],
    ] as const) {
      const actual = await outcomesOf(asked, async (pair) => outcomeOf(await ask(pair, nameOf(pair))));
      expect(actual).toEqual(expectedOutcomes(asked, true));
    }
    await expectNothingElseStored(pairs);
  });

  it('allows replies for ever without a reply window', async () => {
    await setRules([]);
    expect(await outcomesOf(pairsOf(from), askBefore)).toEqual(expectedOutcomes(pairsOf(from), false));
  });

  it('has the same wording for a block and for a person who accepts no messages', async () => {
    await setRules([WINDOW]);
    const unavailable = pairsOf(from).filter((pair) => expectedOf(pair, true).endsWith('unavailable'));
    for (const ask of [SEND, ADD_TO_GROUP]) {
      const bodies = await each(unavailable, async (pair) => {
        const { request_id: _id, ...body } = (await ask(pair, nameOf(pair))).body as Record<string, unknown>;
        return JSON.stringify(body);
      });
      expect([...new Set(bodies)]).toHaveLength(1);
    }
  });
});

/** All that is stored since these were asked for is what was allowed. */
async function expectNothingElseStored(pairs: Pair[]): Promise<void> {
  const { me, from } = pairs[0]!;
  const [stored] = await api.database.query<Record<string, string[]>>(
    `WITH mine AS (SELECT id, content FROM messages WHERE sender_id = $1 AND content <> 'Before')
     SELECT ARRAY(SELECT content FROM mine) AS messages,
            ARRAY(SELECT content FROM mine JOIN notifications ON source_id = mine.id) AS notified,
            ARRAY(SELECT partner_id::text FROM participants WHERE user_id = $1 AND partner_id IS NOT NULL) AS partners,
            ARRAY(SELECT subject FROM threads JOIN participants ON thread_id = id
                  WHERE user_id = $1 AND owner_since IS NOT NULL AND id <> $2) AS groups,
            ARRAY(SELECT user_id::text FROM participants JOIN threads ON thread_id = id
                  WHERE id = $2 AND joined_at > created_at) AS added`,
    [me.member.id, world.groups[from]],
  );
  const allowed = pairs.filter((pair) => expectedOf(pair, true) === 'yes');
  const messages = [
    ...allowed.map((pair) => `send: ${nameOf(pair)}`),
    ...allowed.filter(({ threadId }) => threadId).map((pair) => `post: ${nameOf(pair)}`),
  ];
  const idsOf = (some: Pair[]) => some.map(({ them }) => them.member.id);
  expect(sorted(stored!)).toEqual(
    sorted({
      messages,
      notified: messages,
      partners: idsOf(pairs.filter((pair) => pair.threadId ?? allowed.includes(pair))),
      groups: allowed.map(nameOf),
      added: idsOf(allowed),
    }),
  );
}

const sorted = (lists: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.toSorted()]));
