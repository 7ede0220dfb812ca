import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { blocksOf, explainAll, nodesOf, record } from '../support/plans.js';
import { makeGroups } from '../support/people.js';
import { connect } from './client.js';
import { SyncClient } from './sync-client.js';

const api = useApi();

let [ann, bob]: TestMember[] = [];

/** A feed that is long beside those of many others. */
const LONG = 50_000;

beforeAll(async () => {
  const organization = await api.build.organization();
  [ann, bob] = await Promise.all([1, 2].map(() => api.build.member({ organization })));
  const others = `SELECT ('0199a900-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid AS id, number, 100 AS count
                  FROM generate_series(1, 500) AS number`;
  const people = `SELECT id, number, count FROM (${others}) AS other UNION ALL SELECT '${bob!.id}', 0, ${LONG}`;
  for (const sql of [
    'SET session_replication_role = replica',
    `INSERT INTO users (id) SELECT id FROM (${others}) AS other`,
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT '${organization.id}', id, 'other' || number, 'other' || number, 'Other', 'user' FROM (${others}) AS other`,
    `INSERT INTO feeds (organization_id, user_id, last_seq)
     SELECT '${organization.id}', id, count FROM (${people}) AS person`,
    `INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, priority, decisions)
     SELECT '${organization.id}', id, seq, gen_random_uuid(), gen_random_uuid(), 'SYSTEM', 'Title', 'Body', 'normal',
            '{"realtime": {"value": "on", "delayed_until": null}}'
     FROM (${people}) AS person CROSS JOIN LATERAL generate_series(1, count) AS seq`,
    'RESET session_replication_role',
    'ANALYZE',
  ])
    await api.database.query(sql);
  await explainAll(api);
});

it('finds new notifications by index in a feed of any length', async () => {
  const asAnn = await api.as(ann!);
  const { last_seq: last } = (await (await api.as(bob!)).get('realtime')).body as { last_seq: number };
  const { executed } = await record(async () => {
    // More often than it takes for a statement to be planned once and for all.
    for (let round = 0; round < 7; round++) {
      const connection = await connect(api, bob!, { since: last - 3 });
      await expect.poll(() => connection.notifications.length).toBe(3 + round);
      await asAnn.post('messages/send', { recipient: bob!.id, content: 'Hello' });
      await expect.poll(() => connection.notifications.length).toBe(4 + round);
      connection.drop();
    }
  });
  const ofReaders = executed.filter(({ sql }) =>
    /realtime,value|USING \(organization_id, user_id\)/.test(sql),
  );
  expect(ofReaders.length).toBeGreaterThan(20);
  const nodes = ofReaders.flatMap(({ plan }) => nodesOf(plan)).map((node) => node['Node Type']);
  expect(nodes).not.toContain('Seq Scan');
  for (const one of ofReaders) expect(blocksOf(one), one.sql).toBeLessThan(120);
});

it('does not look through the 1,000 groups of a person when their connection wakes', async () => {
  const [asAnn, asBob] = [await api.as(ann!), await api.as(bob!)];
  await makeGroups(api, { ...bob!, client: asBob }, { ...ann!, client: asAnn }, 1000);
  const client = await SyncClient.open(api, bob!);
  const { executed } = await record(async () => {
    for (let round = 1; round <= 5; round++) {
      // By then it has looked at everything, and waits.
      await delay(100);
      await asAnn.post('messages/send', { recipient: bob!.id, content: `Hello ${round}` });
      await expect.poll(() => client.all('notifications').length).toBe(round);
    }
  });
  client.socket.terminate();
  const looks = executed.filter(({ sql }) => sql.includes('"resetThreads"'));
  // The first look, and one more if it came late.
  expect(looks.length).toBeLessThanOrEqual(2);
  const ofNews = executed.filter(({ sql }) => sql.includes('news.*'));
  expect(ofNews.length).toBeGreaterThanOrEqual(5);
  for (const one of ofNews) expect(blocksOf(one), one.sql).toBeLessThan(100);
});
