import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { Database, POOL_SIZE } from '#database';
import { makeKey } from '../../libs/identity/api-key-format.js';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import type { Answer } from '../support/http.js';

// The relay must not wait for a connection here.
const api = useApi({ worker: 'off' });

let noisy: TestMember;
let other: TestMember;
let quiet: Client;

beforeAll(async () => {
  [noisy, other] = [await api.build.member(), await api.build.member()];
  quiet = await api.as(await api.build.member());
});

/** Has requests that want to change this person wait until the work is done. */
async function whileLocked<T>(people: TestMember[], work: () => Promise<T>): Promise<T> {
  const ids = people.map(({ id }) => `'${id}'`).join();
  await api.database.query(`BEGIN; SELECT FROM members WHERE user_id IN (${ids}) FOR UPDATE`);
  try {
    return await work();
  } finally {
    await api.database.query('COMMIT');
  }
}

const changes = async (member: TestMember, count: number): Promise<Promise<Answer>[]> => {
  const person = await api.as(member);
  return Array.from({ length: count }, () =>
    person.patch('me/visibility', { accepts_messages_from: 'everyone' }),
  );
};

/** Requests with keys of this organization that do not exist. */
const forged = (organizationId: string, count: number): Promise<Answer>[] =>
  Array.from({ length: count }, () => api.withKey(makeKey(organizationId, uuid()).text).get('me'));

const waiting = () => api.app.get(Database).waiting;

/** How many connections of the pool wait for a lock. */
async function busy(): Promise<number> {
  await api.database.query('SELECT pg_stat_clear_snapshot()');
  const sessions = await api.database.query(
    `SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tidings' AND wait_event_type = 'Lock'`,
  );
  return sessions.length;
}

describe('an organization', () => {
  it('is served while another one has too many requests in flight', async () => {
    const flood = await whileLocked([noisy], async () => {
      const asked = await changes(noisy, 700);
      expect((await Promise.race(asked)).status).toBe(503);
      const answers = await Promise.all(Array.from({ length: 8 }, () => quiet.get('me')));
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(waiting()).toBeGreaterThan(0);
      return asked;
    });
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
  });

  it('is admitted beyond the limit up to its share, and to a common reserve', async () => {
    const asked = await whileLocked([noisy, other], async () => {
      const first = await changes(noisy, 700);
      expect((await Promise.race(first)).status).toBe(503);
      const second = await changes(other, 200);
      const refused: Answer[] = [];
      for (const answer of second) void answer.then((one) => refused.push(one));
      await expect.poll(() => refused.length, { timeout: 15_000 }).toBeGreaterThan(100);
      expect(refused.length).toBeLessThan(200);
      return [...first, ...second];
    });
    await Promise.all(asked);
  });

  it('leaves connections to the others, however long its own requests take', async () => {
    await whileLocked([noisy], async () => {
      const held = await changes(noisy, 40);
      await expect.poll(waiting).toBeGreaterThan(20);
      expect((await Promise.race([...held, quiet.get('messages/unread-count')])).status).toBe(200);
      return held;
    }).then((held) => Promise.all(held));
  });

  it('keeps its share while others try forged keys of it', async () => {
    const person = await api.build.member();
    const insider = await api.as(person);
    await insider.get('me');
    await api.database.query('BEGIN; LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE');
    let tried: Promise<Answer>[] = [];
    try {
      tried = forged(person.organization.id, 40);
      await expect.poll(waiting).toBeGreaterThan(20);
      const first = await Promise.race([...tried, insider.get('messages/unread-count')]);
      expect(first.status).toBe(200);
    } finally {
      await api.database.query('COMMIT');
    }
    await Promise.all(tried);
  });
});

it('serves a new key while 200 forged ones are tried', async () => {
  const organization = await api.build.organization();
  const { secret } = await api.build.key(organization, ['members:manage']);
  const tried = forged(organization.id, 200);
  const begun = performance.now();
  expect((await api.withKey(secret).get('members')).status).toBe(200);
  // On a quiet machine a quarter of a second; other shares are not delayed at all.
  expect(performance.now() - begun).toBeLessThan(3000);
  expect(new Set((await Promise.all(tried)).map(({ status }) => status))).toEqual(new Set([401]));
});

describe('readiness', () => {
  it('does not depend on the pool, which may be full', async () => {
    // Seven organizations with two connections each would take more than there are; forged keys take the last three.
    const people = await Promise.all(Array.from({ length: 7 }, () => api.build.member()));
    await whileLocked(people, async () => {
      await api.database.query('LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE');
      const asked = await Promise.all(people.map((person) => changes(person, 4)));
      asked.push(forged(noisy.organization.id, 4));
      await expect.poll(busy, { timeout: 1900, interval: 10 }).toBe(POOL_SIZE);
      // On the pool the check would wait until one of the others ends.
      const first = await Promise.race([...asked.flat(), api.anybody.get('/health/ready')]);
      expect([first.status, first.body]).toEqual([200, { status: 'ok' }]);
      return asked.flat();
    }).then((asked) => Promise.all(asked));
  });

  it('survives the loss of its connection, because another one is opened', async () => {
    const ready = () => api.anybody.get('/health/ready').then(({ status }) => status);
    expect(await ready()).toBe(200);
    for (let time = 0; time < 3; time++) {
      await api.database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'tidings readiness'`,
      );
      expect(await ready()).toBe(200);
    }
  });
});

describe('the number of requests in flight', () => {
  const inFlight = async () =>
    Number(/^http_requests_in_flight (\d+)$/m.exec((await api.anybody.get('/metrics')).text)?.[1]);

  it('is zero once all are answered, refused or canceled by their clients', async () => {
    await whileLocked([noisy], async () => {
      const asked = await changes(noisy, 30);
      await expect.poll(inFlight).toBe(30);
      api.http.close();
      await Promise.allSettled(asked);
    });
    await quiet.get('nothing-here');
    await quiet.get('members?limit=0');
    await api.anybody.get('unsubscribe/none');
    await api.withToken('wrong').get('me');
    await expect.poll(inFlight).toBe(0);
  });
});
