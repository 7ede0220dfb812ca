import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, gather } from './crowd.js';
import { expectNoDrift, startGroup, times } from './together.js';

const api = useApi();

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

const send = (from: Person, to: Person, more: object = {}) =>
  from.client.post('messages/send', { recipient: to.id, content: 'Hello', ...more });

/** In how many transactions what these people sent was written. */
const transactions = async (people: Person[]) => {
  const [row] = await api.database.query<{ count: number }>(
    'SELECT count(DISTINCT xmin::text)::integer AS count FROM messages WHERE sender_id = ANY ($1)',
    [people.map(({ id }) => id)],
  );
  return row!.count;
};

describe('two sends with one client_token at once', () => {
  it('are one message, or refused for other content, and do not throw back what is sent with them', async () => {
    const people = await gather(api, organization, 30);
    const [ann, ben] = people;
    const token = { client_token: 'twice' };
    const [first, again, other, ...rest] = await Promise.all([
      send(ann!, ben!, token),
      send(ann!, ben!, token),
      send(ann!, ben!, { ...token, content: 'Something else' }),
      ...times27(people),
    ]);
    expect([first, again, other].map(({ status, body }) => `${status} ${body.code ?? ''}`.trim())).toEqual([
      '201',
      '201',
      '422 idempotency_mismatch',
    ]);
    expect(again.body).toEqual(first.body);
    expect(rest.map(({ status }) => status)).toEqual(rest.map(() => 201));
    expect((await ben!.client.get(`messages/conversation/${ann!.id}`)).body.messages).toHaveLength(1);
    expect(await transactions(people)).toBeLessThan(10);
    await expectNoDrift(api, organization, people);
  });
});

const times27 = (people: Person[]) =>
  Array.from({ length: 27 }, (_, at) => send(people[at + 2]!, people[at + 3] ?? people[0]!));

describe('a thread that somebody else has locked for long', () => {
  it('costs those who send to it a 503, and the others no more than one connection that waits', async () => {
    const people = await gather(api, organization, 40);
    const locked = await startGroup(people.slice(0, 20));
    const free = await startGroup(people.slice(20));
    const holder = new Client({
      connectionString: api.database.url,
      application_name: 'test',
      options: '-c search_path=tidings',
    });
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM threads WHERE id = $1 FOR UPDATE', [locked]);
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
      await holder.query('ROLLBACK');
      await holder.end();
    }
    await expectNoDrift(api, organization, people);
  });
});

describe('a block while somebody makes or joins a group', () => {
  it('is before it or after it: none is made once the block is answered', async () => {
    for (let race = 0; race < 200; race++) {
      const [ann, ben, cas] = await gather(api, organization, 3);
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
