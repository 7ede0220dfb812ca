import { setTimeout as delay } from 'node:timers/promises';
import type { Request } from './http-connection.ts';
import { CONTENT } from './limit.ts';
import { type Load, figuresOf } from './load.ts';
import { type Patience, type Row, atLeast, atMost } from './measuring.ts';
import { CROWD, ORGANIZATIONS, TALKERS, nextOf } from './seeding.ts';
import { type World, asPerson, asPlatform, settle } from './world.ts';

/** The last of those in a large group must be notified within this time. */
const MAX_LAG_SECONDS = 1;

/** One at a time: to one person, and to a thousand. */
export async function measureCrowd(world: World, { rounds }: Patience): Promise<Row[]> {
  const direct: number[] = [];
  const crowd: number[] = [];
  const lags: number[] = [];
  const sender = await asPerson(ORGANIZATIONS.talk, 1);
  const post = (path: string, body: object): Request => ({ ...sender, method: 'POST', path, body });
  for (let round = -2; round < 5 * rounds; round++) {
    const toOne = await timed(
      world,
      post('/api/v1/messages/send', { recipient: nextOf(1), content: CONTENT }),
    );
    await settle(world);
    const begun = performance.now();
    const toAll = await timed(
      world,
      post(`/api/v1/messages/threads/${CROWD}/messages`, { content: CONTENT }),
    );
    await untilNotified(world, (JSON.parse(toAll.body) as { id: string }).id, TALKERS - 1);
    const lag = (performance.now() - begun) / 1000;
    await settle(world);
    if (round < 0) continue;
    direct.push(toOne.milliseconds);
    crowd.push(toAll.milliseconds);
    lags.push(lag);
  }
  const ours = figuresOf([loadOf(crowd)]);
  const limit = figuresOf([loadOf(direct)]);
  const ratio = ours.p50 / limit.p50;
  const longest = Math.max(...lags);
  return [
    {
      operation: 'send to a group of 1,000',
      ours,
      limit,
      ratio,
      ...atMost(ratio, 1.5),
      note: 'One at a time; the limit is a direct send, and the ratio that of p50.',
    },
    {
      operation: 'until the last of the group is notified',
      ours: { p50: figuresOf([loadOf(lags)]).p50 * 1000, p99: longest * 1000 },
      ratio: longest,
      ...atMost(longest, MAX_LAG_SECONDS),
      note: 'Seconds from the request on; the longest of all.',
    },
  ];
}

async function timed(world: World, request: Request): Promise<{ body: string; milliseconds: number }> {
  const begun = performance.now();
  const { status, body } = await world.server.send(request);
  if (status >= 300) throw new Error(`${request.path} answers ${status}: ${body}`);
  return { body, milliseconds: performance.now() - begun };
}

async function untilNotified({ database }: World, sourceId: string, count: number): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ notified: string }>(
      'SELECT count(*) AS notified FROM notifications WHERE organization_id = $1 AND source_id = $2',
      [ORGANIZATIONS.talk, sourceId],
    );
    if (Number(rows[0]!.notified) >= count) return;
    await delay(5);
  }
}

const loadOf = (latencies: number[]): Load => ({
  latencies: Float64Array.from(latencies),
  seconds: latencies.reduce((sum, each) => sum + each, 0) / 1000,
  failures: {},
});

/** One request of a service for everybody, against one statement that writes as many rows. */
export async function measureFanOut(world: World, { rounds }: Patience, audience: number): Promise<Row> {
  const ours: number[] = [];
  const limit: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const notifying = await secondsOf(() => notifyEverybody(world));
    const inserting = await secondsOf(() => insertForEverybody(world));
    await world.database.query(`DELETE FROM notifications WHERE organization_id = $1 AND type = 'LIMIT'`, [
      ORGANIZATIONS.audience,
    ]);
    await world.database.query('VACUUM notifications');
    if (round < 0) continue;
    ours.push(notifying);
    limit.push(inserting);
  }
  const rate = (seconds: number[]) =>
    (audience * seconds.length) / seconds.reduce((sum, each) => sum + each, 0);
  const ratio = rate(ours) / rate(limit);
  return {
    operation: `fan-out to ${audience}, notifications`,
    ours: { rate: rate(ours) },
    limit: { rate: rate(limit) },
    ratio,
    ...atLeast(ratio, 0.5),
    note: 'The limit is one INSERT … SELECT of as many rows into the same table, by its owner’s superuser.',
  };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

async function notifyEverybody(world: World): Promise<void> {
  await timed(world, {
    ...asPlatform(ORGANIZATIONS.audience),
    method: 'POST',
    path: '/api/v1/notifications',
    body: { to: { everyone: true }, type: 'SYSTEM', title: 'Fire drill', body: CONTENT },
  });
  await settle(world);
}

/** As the notifications are that the request has just written. */
async function insertForEverybody({ database }: World): Promise<void> {
  await database.query(
    `INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, data, priority, decisions)
     SELECT organization_id, user_id, 1000000000, gen_random_uuid(), $2, 'LIMIT', 'Fire drill', $3, '{}', 'normal',
            (SELECT decisions FROM notifications WHERE organization_id = $1 LIMIT 1)
     FROM members WHERE organization_id = $1`,
    [ORGANIZATIONS.audience, ORGANIZATIONS.audience, CONTENT],
  );
}
