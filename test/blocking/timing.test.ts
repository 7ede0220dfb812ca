import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { Answer } from '../support/http.js';
import { type Person, person, send } from '../support/people.js';

const api = useApi();

const ROUNDS = 300;
const WARM_UP = 50;

let me: Person;
/** Two whom I know and two whom I do not; of each one blocks me, and the other one takes no messages and hides. */
let known: Pair;
let unknown: Pair;

interface Pair {
  blocking: Person;
  closed: Person;
  threads?: Record<'blocking' | 'closed', string>;
}

beforeAll(async () => {
  const organization = await api.build.organization();
  me = await person(api, organization);
  const pair = async (): Promise<Pair> => ({
    blocking: await person(api, organization),
    closed: await person(api, organization),
  });
  [known, unknown] = [await pair(), await pair()];
  const converse = async (them: Person) => {
    await send(them, me, 'Hello');
    return (await send(me, them, 'Hello')).thread_id;
  };
  known.threads = { blocking: await converse(known.blocking), closed: await converse(known.closed) };
  for (const { blocking, closed } of [known, unknown]) {
    await blocking.client.post(`messages/users/${me.id}/block`);
    const closing = { accepts_messages_from: 'nobody', profile_visibility: 'hidden' };
    await closed.client.patch('me/visibility', closing);
  }
});

const sendTo = ({ id }: Person) => me.client.post('messages/send', { recipient: id, content: 'Hello' });

/** What can be asked about somebody, and how it is refused or answered. */
const ASKED: [what: string, status: number, ask: (which: 'blocking' | 'closed') => Promise<Answer>][] = [
  ['a message to a known person', 403, (which) => sendTo(known[which])],
  ['a message to an unknown person', 403, (which) => sendTo(unknown[which])],
  [
    'a message to a thread',
    403,
    (which) => me.client.post(`messages/threads/${known.threads![which]}/messages`, { content: 'Hello' }),
  ],
  ['can-message', 200, (which) => me.client.get(`members/${known[which].id}/can-message`)],
  ['a profile', 404, (which) => me.client.get(`members/${unknown[which].id}`)],
];

type Sample = Record<'blocking' | 'closed', number[]>;

/** By turns, in an order that changes, so that whatever else the machine does is the same for both. */
async function measure(
  status: number,
  ask: (which: 'blocking' | 'closed') => Promise<Answer>,
): Promise<Sample> {
  const sample: Sample = { blocking: [], closed: [] };
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const turns = Math.random() < 0.5 ? (['blocking', 'closed'] as const) : (['closed', 'blocking'] as const);
    for (const which of turns) {
      const begun = performance.now();
      const answer = await ask(which);
      const milliseconds = performance.now() - begun;
      expect(answer.status).toBe(status);
      if (round >= 0) sample[which].push(milliseconds);
    }
  }
  return sample;
}

const ascending = (one: number, other: number): number => one - other;
const median = (times: number[]): number => times.toSorted(ascending)[Math.floor(times.length / 2)]!;

/** How often a time of one kind is above one of the other: 0.5 if they are indistinguishable. */
function separation({ blocking, closed }: Sample): number {
  const wins = blocking.flatMap((one) => closed.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)));
  const share = wins.reduce((sum: number, win) => sum + win, 0) / wins.length;
  return Math.max(share, 1 - share);
}

const MAX_SEPARATION = 0.58;
const MAX_MILLISECONDS = 2;

function isAlike(sample: Sample): boolean {
  const apart = Math.abs(median(sample.blocking) - median(sample.closed));
  return apart < MAX_MILLISECONDS && separation(sample) <= MAX_SEPARATION;
}

describe('the response time of', () => {
  it.each(ASKED)(
    '%s does not distinguish a block from a person who accepts no messages',
    async (_what, status, ask) => {
      const first = await measure(status, ask);
      // A busy machine may have its say once.
      const sample = isAlike(first) ? first : await measure(status, ask);
      const said = {
        median: [median(sample.blocking), median(sample.closed)],
        separation: separation(sample),
      };
      expect(isAlike(sample), JSON.stringify(said)).toBe(true);
    },
    120_000,
  );
});
