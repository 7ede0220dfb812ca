import { beforeEach, describe, expect, it } from 'vitest';
import { type Person, person, post, send, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';
import { changes } from './changes-client.js';

const api = useApi();

let [ann, bob, eve]: Person[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob, eve] = await Promise.all([1, 2, 3].map(() => person(api, organization)));
});

describe('a request that waits', () => {
  it('returns as soon as something changes', async () => {
    const { cursor } = await changes(bob!);
    const waiting = changes(bob!, cursor, { wait: 25 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const sent = performance.now();
    await send(ann!, bob!, 'hello');
    expect(await waiting).toMatchObject({ threads: [{ unread_count: 1 }] });
    expect(performance.now() - sent).toBeLessThan(2000);
  });

  it('returns within seconds a notification whose notice was lost', async () => {
    const { cursor } = await changes(bob!);
    const waiting = changes(bob!, cursor, { wait: 25 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const written = performance.now();
    await api.database.query(
      `WITH feed AS (
         INSERT INTO feeds (organization_id, user_id, last_seq) VALUES ($1, $2, 1) RETURNING organization_id, user_id, last_seq
       )
       INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, priority, decisions)
       SELECT organization_id, user_id, last_seq, gen_random_uuid(), gen_random_uuid(), 'SYSTEM', 'Title', 'lost', 'normal', '{}'
       FROM feed`,
      [bob!.organization.id, bob!.id],
    );
    expect((await waiting).notifications).toMatchObject([{ body: 'lost' }]);
    expect(performance.now() - written).toBeLessThan(8000);
  });

  it('is answered while others send without a pause', async () => {
    const group = await startGroup(ann!, [eve!]);
    const { cursor } = await changes(bob!);
    // Whoever waits causes a look at each commit.
    const waiting = changes(bob!, cursor, { wait: 25 });
    const end = performance.now() + 5000;
    const answered = new AbortController();
    const sending = Array.from({ length: 20 }, async () => {
      while (!answered.signal.aborted && performance.now() < end) await post(ann!, group, 'hello');
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await changes(bob!, cursor);
    answered.abort();
    expect(performance.now()).toBeLessThan(end);
    await Promise.all(sending);
    await send(ann!, bob!, 'for Bob');
    await waiting;
  });

  it('returns empty after its time', async () => {
    const { cursor } = await changes(bob!);
    const begun = performance.now();
    await changes(bob!, cursor, { wait: 1 });
    expect(performance.now() - begun).toBeGreaterThan(950);
  });

  it('is refused to somebody who has ten already', async () => {
    const { cursor } = await changes(bob!);
    const waiting = Array.from({ length: 10 }, () => changes(bob!, cursor, { wait: 25 }));
    await expect
      .poll(async () => (await bob!.client.get(`realtime/changes?cursor=${cursor}`)).status)
      .toBe(429);
    await send(ann!, bob!, 'hello');
    await Promise.all(waiting);
    expect((await changes(bob!, cursor)).threads).toHaveLength(1);
  });
});
