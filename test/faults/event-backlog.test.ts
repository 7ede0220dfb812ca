import { v7 as uuid } from 'uuid';
import { expect, it } from 'vitest';
import { useProcesses } from '../start/processes.js';
import { print, quantile, scaled } from './figures.js';
import { SETTINGS, buildTown } from './town.js';

const processes = useProcesses();

const BACKLOG = scaled(100_000, 1_000_000);
const MEASURED = scaled(20, 100);
const MAX_LAG = 1000;

it('handles events of other organizations within a second while one has a backlog of a million', async () => {
  const database = await processes.database();
  const server = await processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  const [flooded, town] = [await buildTown(server), await buildTown(server)];
  const backlog = async () =>
    (
      await database.query<{ count: number }>(
        'SELECT count(*)::integer AS count FROM outbox WHERE organization_id = $1',
        [flooded.organizationId],
      )
    )[0]!.count;
  await database.query(
    `INSERT INTO outbox (organization_id, id, type, payload)
     SELECT $1, gen_random_uuid(), 'message.sent',
            jsonb_build_object('thread_id', gen_random_uuid(), 'message_id', gen_random_uuid(), 'sender_id', gen_random_uuid())
     FROM generate_series(1, $2::integer)`,
    [flooded.organizationId, BACKLOG],
  );
  const lags: number[] = [];
  for (let time = 0; time < MEASURED; time++) {
    const id = uuid();
    await database.query(
      `INSERT INTO outbox (organization_id, id, type, payload)
       VALUES ($1, $2, 'member.joined', jsonb_build_object('user_id', $3::text))`,
      [town.organizationId, id, town.people[0]!.id],
    );
    const begun = performance.now();
    const isThere = () =>
      database.query('SELECT FROM outbox WHERE organization_id = $1 AND id = $2', [town.organizationId, id]);
    await expect.poll(isThere, { timeout: 10_000, interval: 5 }).toEqual([]);
    lags.push(performance.now() - begun);
  }
  const left = await backlog();
  print('a backlog of events', {
    events: BACKLOG,
    'left at the end': left,
    'lag of others p50, ms': Math.round(quantile(lags, 0.5)),
    'p99, ms': Math.round(quantile(lags, 0.99)),
  });
  expect(left, 'the backlog lasts while others are measured').toBeGreaterThan(0);
  expect(quantile(lags, 0.99)).toBeLessThan(MAX_LAG);
});
