import * as fc from 'fast-check';
import { expect } from 'vitest';
import { PROBLEMS } from '#problem';
import type { TestApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { ACTS, type ActName } from './acts.js';
import { type Person, createPeople } from './crowd.js';
import type { OracleMessage } from './memory.js';
import { Oracle, type Verdict } from './oracle.js';
import { look, lookForUnread, sightOf, unreadOnly } from './sight.js';
import { startGroup } from './concurrency.js';

/** Which act, and by numbers of which nothing is known until the history has come so far, who, to whom, on what. */
export interface Step {
  act: ActName;
  who: number;
  other: number;
  where: number;
  which: number;
}

/** How often each act comes: much must be written for anything else to have a meaning. */
const WEIGHTS: Record<ActName, number> = {
  sendTo: 5,
  post: 8,
  open: 1,
  readAll: 2,
  readUpTo: 3,
  readOne: 3,
  hide: 3,
  retract: 3,
  edit: 1,
  block: 4,
  unblock: 4,
  add: 4,
  remove: 2,
  leave: 2,
};

export const steps = fc.record<Step>({
  act: fc.oneof(
    ...Object.entries(WEIGHTS).map(([act, weight]) => ({ weight, arbitrary: fc.constant(act as ActName) })),
  ),
  who: fc.nat(4),
  other: fc.nat(3),
  where: fc.nat(7),
  which: fc.constantFrom(0, 1, 1, 2, 2, 3, 4, 6),
});

/** What is said first, so that there is something to read, delete and block. */
const talk = steps.map((step): Step => ({ ...step, act: step.act === 'sendTo' ? 'sendTo' : 'post' }));

export const histories = fc.record({
  people: fc.constantFrom(3, 3, 3, 4, 5),
  groups: fc.constantFrom(1, 1, 2),
  talk: fc.array(talk, { minLength: 3, maxLength: 8 }),
  steps: fc.array(steps, { minLength: 4, maxLength: 14 }),
});

export type Drawn = typeof histories extends fc.Arbitrary<infer T> ? T : never;

/** One history of a few people who have met nobody yet. */
export class History {
  readonly oracle = new Oracle();
  private count = 0;

  private constructor(readonly people: Person[]) {}

  static async begin(
    api: TestApi,
    organization: TestOrganization,
    { people, groups, talk: said }: Drawn,
  ): Promise<History> {
    const history = new History(await createPeople(api, organization, people));
    // One group of all, and one that somebody can still be added to.
    for (const size of [people, people - 1].slice(0, groups)) await history.startGroup(size);
    for (const step of said) await history.run(step);
    return history;
  }

  async run(step: Step): Promise<void> {
    const { people, oracle } = this;
    const me = people[step.who % people.length]!;
    const other = people.filter((person) => person !== me)[step.other % (people.length - 1)]!;
    const threads =
      step.where === 0 ? people.flatMap(({ id }) => oracle.threadsOf(id)) : oracle.threadsOf(me.id);
    const thread = threads.at(-1 - (step.where % threads.length));
    const message = thread && pick(thread.messages, me, step);
    const content = `message ${++this.count}`;
    if (!thread) return this.act('sendTo', me, other, { threadId: '', messageId: '', content });
    if (!message) return this.act('post', me, other, { threadId: thread.id, messageId: '', content });
    return this.act(step.act, me, other, { threadId: thread.id, messageId: message.id, content });
  }

  /** All that everybody sees, held against the oracle. */
  async check(): Promise<void> {
    await Promise.all(
      this.people.map(async (person) => {
        const expected = sightOf(this.oracle, person.id, this.people);
        expect(await look(person, Object.keys(expected.pages))).toMatchObject(expected);
      }),
    );
  }

  /** What is looked at less often: the same by other routes, and what belongs to others. */
  async checkRest(): Promise<void> {
    const { oracle, people } = this;
    const threadIds = new Set(people.flatMap(({ id }) => oracle.threadsOf(id).map((thread) => thread.id)));
    for (const person of people) {
      const expected = sightOf(oracle, person.id, people);
      expect(await lookForUnread(person)).toMatchObject(unreadOnly(expected));
      for (const other of people.filter(({ id }) => id !== person.id)) {
        const direct = oracle.direct(person.id, other.id);
        const messages = direct ? expected.pages[direct.id]!.messages : [];
        const { body } = await person.client.get(`messages/conversation/${other.username}`);
        expect(body).toMatchObject({ messages, participant_count: 2, next_cursor: null });
      }
      for (const id of threadIds) {
        const { status } = await person.client.get(`messages/threads/${id}`);
        expect(status).toBe(id in expected.pages ? 200 : 404);
      }
    }
  }

  private async act(
    act: ActName,
    me: Person,
    other: Person,
    aim: { threadId: string; messageId: string; content: string },
  ): Promise<void> {
    const answer = await ACTS[act](me, { ...aim, other });
    const verdict = this.oracle[act](me.id, { ...aim, otherId: other.id }, answer.body);
    expect({ act, status: answer.status, code: answer.body?.code }).toEqual({ act, ...answerOf(verdict) });
    if (verdict === 200 && (act === 'readAll' || act === 'readUpTo')) {
      const thread = this.oracle.threadsOf(me.id).find(({ id }) => id === aim.threadId)!;
      expect(answer.body.unread_count).toBe(this.oracle.unread(thread, me.id));
    }
  }

  private async startGroup(size: number): Promise<void> {
    const people = this.people.slice(0, size);
    const [ownerId, ...otherIds] = people.map(({ id }) => id);
    this.oracle.group(await startGroup(people), ownerId!, otherIds);
  }
}

const FOR_SENDERS = new Set<ActName>(['retract', 'edit']);

/** One of the newest, and mostly one that the act can be about. */
function pick(messages: OracleMessage[], me: Person, { act, which }: Step): OracleMessage | undefined {
  const fitting = messages.filter(({ senderId }) => (senderId === me.id) === FOR_SENDERS.has(act));
  const choice = which === 0 || fitting.length === 0 ? messages : fitting;
  return choice.at(-1 - (which % choice.length));
}

const answerOf = (verdict: Verdict): { status: number; code: string | undefined } =>
  typeof verdict === 'number'
    ? { status: verdict, code: undefined }
    : { status: PROBLEMS[verdict][0], code: verdict };
