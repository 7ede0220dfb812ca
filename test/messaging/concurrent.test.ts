import * as fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import type { Answer } from '../support/http.js';
import { ACTS } from './acts.js';
import { type Person, createPeople } from './crowd.js';
import { type Step, steps } from './history.js';
import { expectCountsToAgree } from './rest.js';
import { expectNoDrift, serverErrors, startGroup } from './concurrency.js';

// What follows from events is no part of it, and would take half the machine.
const api = useApi({ worker: 'off' });

const CROWDS = Number(process.env['CROWDS'] ?? 30);

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

/** What has become known of threads and messages, for the next acts to be about. */
class Crowd {
  readonly threads: { id: string; people: Person[]; messageIds: string[] }[] = [];
  private count = 0;

  constructor(readonly people: Person[]) {}

  async startGroup(...others: Person[]): Promise<void> {
    const id = await startGroup([this.people[0]!, ...others]);
    this.threads.push({ id, people: this.people, messageIds: [] });
  }

  async run({ act, who, other, where, which }: Step): Promise<Answer> {
    const me = this.people[who % this.people.length]!;
    const them = this.people.filter((person) => person !== me)[other % (this.people.length - 1)]!;
    const mine = this.threads.filter(({ people }) => people.includes(me));
    const thread = mine[where % mine.length]!;
    const { messageIds } = thread;
    const messageId = messageIds[messageIds.length - 1 - (which % messageIds.length)];
    const content = `message ${++this.count}`;
    const target = { other: them, threadId: thread.id, messageId: messageId ?? thread.id, content };
    const answer = await ACTS[act](me, target);
    if (answer.status === 201 && act === 'post') messageIds.push(answer.body.id);
    if (answer.status === 201 && act === 'sendTo') {
      this.keep(answer.body.thread_id, [me, them]).push(answer.body.message_id);
    }
    if (answer.status < 300 && act === 'open') this.keep(answer.body.id, [me, them]);
    return answer;
  }

  private keep(id: string, people: Person[]): string[] {
    const known = this.threads.find((thread) => thread.id === id);
    const thread = known ?? { id, people, messageIds: [] };
    if (!known) this.threads.push(thread);
    return thread.messageIds;
  }
}

const drawn = fc.record({
  people: fc.constantFrom(2, 3, 4),
  batches: fc.array(fc.array(steps, { minLength: 8, maxLength: 16 }), { minLength: 4, maxLength: 10 }),
});

it('keeps exact counts after concurrent changes by many people', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ({ people, batches }) => {
      const crowd = new Crowd(await createPeople(api, organization, people));
      await crowd.startGroup(...crowd.people.slice(1));
      await crowd.startGroup(crowd.people[1]!);
      for (const batch of batches) {
        const answers = await Promise.all(batch.map((step) => crowd.run(step)));
        expect(serverErrors(answers)).toEqual([]);
      }
      await expectNoDrift(api, organization, crowd.people);
      const threadIds = crowd.threads.map(({ id }) => id);
      await Promise.all(crowd.people.map((person) => expectCountsToAgree(person, threadIds)));
      api.logged.length = 0;
    }),
    // What a race brings once it seldom brings again: a shorter history is not looked for.
    { numRuns: CROWDS, endOnFailure: true },
  );
}, 600_000);

it('uncounts a message once if it is read, deleted and blocked concurrently', async () => {
  const [ann, bob, carol, dora] = await createPeople(api, organization, 4);
  const threadId = await startGroup([ann!, bob!, carol!, dora!]);
  const about = (messageId: string) => ({ other: ann!, threadId, messageId, content: 'Hello' });
  for (let race = 0; race < 60; race++) {
    const { body: sent } = await ACTS.post(ann!, about(''));
    await ACTS.post(dora!, about(''));
    const answers = await Promise.all([
      ACTS.hide(bob!, about(sent.id)),
      ACTS.block(carol!, about('')),
      ACTS.retract(ann!, about(sent.id)),
      ACTS.readOne(dora!, about(sent.id)),
      ACTS.hide(bob!, about(sent.id)),
      ACTS.hide(dora!, about(sent.id)),
    ]);
    expect(serverErrors(answers)).toEqual([]);
    await expectNoDrift(api, organization, [ann!, bob!, carol!, dora!]);
    expect((await ACTS.unblock(carol!, about(''))).status).toBe(204);
    await expectNoDrift(api, organization, [carol!]);
  }
}, 120_000);
