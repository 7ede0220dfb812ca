import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import type { Answer } from '../support/http.js';
import { type Person, createPeople } from './crowd.js';
import { duringSend, expectNoDrift, startGroup, times } from './concurrency.js';

const api = useApi();

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

const send = (from: Person, to: Person, more: object = {}) =>
  from.client.post('messages/send', { recipient: to.id, content: 'Hello', ...more });

/** In how many transactions what these people sent was written, and how many messages that was. */
const written = async (people: Person[]) => {
  const [row] = await api.database.query<{ messages: number; transactions: number }>(
    `SELECT count(*)::integer AS messages, count(DISTINCT xmin::text)::integer AS transactions
     FROM messages WHERE sender_id = ANY ($1)`,
    [people.map(({ id }) => id)],
  );
  return row!;
};

const inFlight = async () =>
  Number(/^http_requests_in_flight (\d+)$/m.exec((await api.anybody.get('/metrics')).text)?.[1]);

/**
 * Forces these sends into one batch: the batch before them, of one message, waits for a lock until all of them are
 * admitted. The next batch takes whatever has come by the time that one ends.
 */
async function inOneBatch(first: Person, to: Person, sends: () => Promise<Answer>[]): Promise<Answer[]> {
  const admitted = async () => {
    const sent = sends();
    await expect.poll(inFlight, { interval: 5 }).toBe(sent.length + 1);
    return { sent };
  };
  const [before, { sent }] = await duringSend(api, organization, first, () => send(first, to), admitted);
  expect(before.status).toBe(201);
  return Promise.all(sent);
}

const statuses = (answers: Answer[]) =>
  answers.map(({ status, body }) => `${status} ${body.code ?? ''}`.trim());

describe('two sends with one client_token in one batch', () => {
  it('are one message, and the batch is written in one transaction', async () => {
    const [first, ann, ben, ...others] = await createPeople(api, organization, 20);
    const twice = { client_token: 'twice' };
    const [one, again, ...rest] = await inOneBatch(first!, ben!, () => [
      send(ann!, ben!, twice),
      send(ann!, ben!, twice),
      ...others.map((person, at) => send(person, others[at + 1] ?? ben!)),
    ]);
    expect(statuses([one!, again!, ...rest])).toEqual(Array(others.length + 2).fill('201'));
    expect(again!.body).toEqual(one!.body);
    expect((await ben!.client.get(`messages/conversation/${ann!.id}`)).body.messages).toHaveLength(1);
    expect(await written([ann!, ...others])).toEqual({ messages: others.length + 1, transactions: 1 });
    await expectNoDrift(api, organization, [first!, ann!, ben!, ...others]);
  });

  it('are one message and a 422 if their content differs, and the rest is written in one transaction', async () => {
    const [first, ann, ben, ...others] = await createPeople(api, organization, 20);
    const answers = await inOneBatch(first!, ben!, () => [
      send(ann!, ben!, { client_token: 'twice' }),
      send(ann!, ben!, { client_token: 'twice', content: 'Something else' }),
      ...others.map((person, at) => send(person, others[at + 1] ?? ben!, { client_token: 'twice' })),
    ]);
    expect(statuses(answers)).toEqual(['201', '422 idempotency_mismatch', ...others.map(() => '201')]);
    expect(await written([ann!, ...others])).toEqual({ messages: others.length + 1, transactions: 1 });
    await expectNoDrift(api, organization, [first!, ann!, ben!, ...others]);
  });
});

/** Locks it in a session of its own, until that is released. */
async function lockThread(id: string): Promise<() => Promise<void>> {
  const holder = new Client({
    connectionString: api.database.url,
    application_name: 'test',
    options: '-c search_path=tidings',
  });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM threads WHERE id = $1 FOR UPDATE', [id]);
  return () => holder.end();
}

describe('a lock timeout in a batch', () => {
  it('gives sends that wait for the lock a 503, and the rest is written in one transaction', async () => {
    const [first, ann, ben, ...others] = await createPeople(api, organization, 20);
    const locked = await startGroup([ann!, ben!]);
    const release = await lockThread(locked);
    try {
      const post = ({ client }: Person, more = {}) =>
        client.post(`messages/threads/${locked}/messages`, { content: 'Hello', ...more });
      const [one, two, three, twin, ...rest] = await inOneBatch(first!, ben!, () => [
        post(ann!, { client_token: 'locked' }),
        post(ann!, { client_token: 'locked' }),
        send(others[0]!, ben!, { client_token: 'twice' }),
        send(others[0]!, ben!, { client_token: 'twice' }),
        ...others.slice(1).map((person, at) => send(person, others[at + 2] ?? ben!)),
      ]);
      expect(statuses([one!, two!])).toEqual(Array(2).fill('503 unavailable'));
      expect(one!.headers['retry-after']).toBeDefined();
      expect(statuses([three!, twin!, ...rest])).toEqual(Array(others.length + 1).fill('201'));
      expect(twin!.body).toEqual(three!.body);
      expect(await written([ann!, ...others])).toEqual({ messages: others.length, transactions: 1 });
    } finally {
      await release();
    }
    await expectNoDrift(api, organization, [first!, ann!, ben!, ...others]);
  });
});

describe('a thread locked by another transaction for long', () => {
  it('gives its senders a 503, and occupies only one connection', async () => {
    const people = await createPeople(api, organization, 40);
    const locked = await startGroup(people.slice(0, 20));
    const free = await startGroup(people.slice(20));
    const release = await lockThread(locked);
    try {
      const begun = Date.now();
      const sending = times(40, (at) =>
        people[at]!.client.post(`messages/threads/${at < 20 ? locked : free}/messages`, { content: 'Hello' }),
      );
      const waiting = async () => {
        const rows = await api.database.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows.length;
      };
      let most = 0;
      const watch = (async () => {
        while (Date.now() - begun < 2500) most = Math.max(most, await waiting());
      })();
      const answers = await sending;
      const milliseconds = Date.now() - begun;
      await watch;
      expect(answers.slice(0, 20).map(({ status }) => status)).toEqual(Array(20).fill(503));
      expect(answers[0]!.headers['retry-after']).toBeDefined();
      expect(answers.slice(20).map(({ status }) => status)).toEqual(Array(20).fill(201));
      expect(milliseconds).toBeLessThan(5900);
      expect(most).toBeLessThanOrEqual(2);
    } finally {
      await release();
    }
    await expectNoDrift(api, organization, people);
  });
});

describe('a block concurrent with creating or joining a group', () => {
  it('prevents every group that is created after its response', async () => {
    for (let race = 0; race < 100; race++) {
      const [ann, ben, cas] = await createPeople(api, organization, 3);
      const own = await startGroup([ann!, cas!]);
      const during = Promise.all([
        ann!.client.post('messages/threads', { participant_ids: [ben!.id], subject: 'Race' }),
        ann!.client.post(`messages/threads/${own}/participants`, { user_id: ben!.id }),
        ann!.client.post('messages/threads', { recipient_id: ben!.id }),
      ]);
      expect((await ben!.client.post(`messages/users/${ann!.id}/block`)).status).toBe(204);
      const threads = async () =>
        (await api.database.query('SELECT thread_id FROM participants WHERE user_id = $1', [ben!.id])).length;
      const before = await threads();
      for (const { status } of await during) expect([200, 201, 403]).toContain(status);
      expect({ race, threads: await threads() }).toEqual({ race, threads: before });
    }
  }, 120_000);
});
