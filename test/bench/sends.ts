import { bytesOf } from './http-connection.ts';
import { CONTENT, type SendLimit } from './limit.ts';
import { percentile } from './load.ts';
import { type Patience, type Row, atLeast, atMost, inTurn, overHttp } from './measuring.ts';
import { ORGANIZATIONS, TALKERS, nextOf } from './seeding.ts';
import { type World, asPerson, settle } from './world.ts';

/** Everybody writes to the next one. */
export async function sendRequests(): Promise<string[]> {
  const people = Array.from({ length: TALKERS }, (_, at) => at + 1);
  return Promise.all(
    people.map(async (person) =>
      bytesOf({
        ...(await asPerson(ORGANIZATIONS.talk, person)),
        method: 'POST',
        path: '/api/v1/messages/send',
        body: { recipient: nextOf(person), content: CONTENT },
      }),
    ),
  );
}

/** As fast as it goes, and then at half of that. */
export async function measureSends(world: World, patience: Patience, limit: SendLimit): Promise<Row[]> {
  const requests = await sendRequests();
  const { seconds } = patience;
  const notifying = { sent: 0, seconds: 0 };
  const send = overHttp(world, { requests, seconds });
  const freely = await inTurn(world, patience, {
    ours: async () => {
      const begun = performance.now();
      const load = await send();
      await settle(world);
      notifying.sent += load.latencies.length;
      notifying.seconds += (performance.now() - begun) / 1000;
      return load;
    },
    limit: limit({ seconds }),
  });
  const notifiedRate = notifying.sent / notifying.seconds;
  const rate = Math.round(freely.ours.rate / 2);
  const half = await inTurn(world, patience, {
    ours: overHttp(world, { requests, seconds, rate }),
    limit: limit({ seconds, rate }),
  });
  const ratio = freely.ours.rate / freely.limit.rate;
  const tail = half.ours.p99 / half.limit.p99;
  return [
    { operation: 'send, direct', ...freely, ratio, ...atLeast(ratio, 0.6) },
    {
      operation: 'send, direct, until all are notified',
      ours: { rate: notifiedRate },
      limit: freely.limit,
      ratio: notifiedRate / freely.limit.rate,
      note: 'Messages by the time in which they were sent and their recipients notified.',
    },
    {
      operation: 'send, direct, at half of that rate',
      ...half,
      ratio: tail,
      ...atMost(tail, 4),
      note: 'The ratio is that of p99, with the limit at the same rate.',
    },
  ];
}

const STEADY_RATE = 300;

/** What a message costs where batches are small, and where it has a delivery planned. */
export async function measureCosts(world: World, patience: Patience, limit: SendLimit): Promise<Row[]> {
  const requests = await sendRequests();
  const { seconds } = patience;
  const one = await inTurn(world, patience, {
    ours: overHttp(world, { requests, seconds, connections: 1 }),
    limit: limit({ seconds, connections: 1 }),
  });
  const steady = await inTurn(world, patience, {
    ours: overHttp(world, { requests, seconds, rate: STEADY_RATE }),
    limit: limit({ seconds, rate: STEADY_RATE }),
  });
  const setEmail = (email: string) =>
    world.database.query(`UPDATE members SET email = ${email} WHERE organization_id = $1`, [
      ORGANIZATIONS.talk,
    ]);
  await setEmail(`username || '@example.com'`);
  const { ours } = await inTurn(world, patience, { ours: overHttp(world, { requests, seconds }) });
  await setEmail('NULL');
  return [
    { operation: 'send, direct, one connection', ...one },
    { operation: `send, direct, at ${STEADY_RATE} a second`, ...steady },
    { operation: 'send, direct, to people with an e-mail address', ours },
  ];
}

const LAG_RATE = 500;

/** How many a second can be sent, and their recipients notified, for ever. */
async function steadyRate(world: World, requests: string[], seconds: number): Promise<number> {
  const begun = performance.now();
  const { latencies } = await overHttp(world, { requests, seconds })();
  await settle(world);
  return latencies.length / ((performance.now() - begun) / 1000);
}

/** From the commit of a message to that of its notification, as PostgreSQL keeps their times. */
export async function measureLag(world: World, { seconds, rounds }: Patience): Promise<Row> {
  const requests = await sendRequests();
  const steady = await steadyRate(world, requests, seconds);
  const rate = Math.min(LAG_RATE, 10 * Math.ceil(steady * 0.08));
  await settle(world);
  const since = (await world.database.query<{ now: Date }>('SELECT now()')).rows[0]!.now;
  const once = { rounds: 1, seconds: 0 };
  const { ours } = await inTurn(world, once, {
    ours: overHttp(world, { requests, rate, seconds: seconds * Math.max(2, rounds) }),
  });
  // Nobody had written anything there when its statistics were taken: each message would be looked for in all.
  await world.database.query('ANALYZE messages, notifications');
  const { rows } = await world.database.query<{ lag: number }>(
    `SELECT extract(epoch FROM pg_xact_commit_timestamp(notified.xmin) - pg_xact_commit_timestamp(sent.xmin))::float8 * 1000 AS lag
     FROM messages AS sent JOIN notifications AS notified
       ON notified.organization_id = sent.organization_id AND notified.source_id = sent.id
     WHERE sent.organization_id = $1 AND sent.created_at >= $2 ORDER BY lag`,
    [ORGANIZATIONS.talk, since],
  );
  const lags = rows.map(({ lag }) => lag);
  const p99 = percentile(lags, 0.99);
  return {
    operation: `notification lag at ${rate} sends a second`,
    ours: { ...ours, p50: percentile(lags, 0.5), p99 },
    ...atMost(Math.round(p99), 50),
    note:
      'Milliseconds from the commit of a message to that of its notification, 0 if one transaction writes both; the target is of p99.' +
      (rate < LAG_RATE ? ` At ${LAG_RATE} a second this machine, now, would fall ever further behind.` : ''),
  };
}
