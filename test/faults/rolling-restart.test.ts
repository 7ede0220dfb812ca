import { expect, it, onTestFinished } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import type { Server } from '../support/process.js';
import { useProcesses } from '../start/processes.js';
import { Balancer } from './balancer.js';
import { drained, expectKept } from './books.js';
import { print, scaled, seconds } from './figures.js';
import { FEW, Senders } from './senders.js';
import { SETTINGS, type Town, buildTown } from './town.js';

const processes = useProcesses();

const RESTARTS = scaled(3, 20);
const RATE = 300;
const STOPPED_WITHIN = 10_000;

it('fails no request while processes are stopped and replaced one by one', async () => {
  const database = await processes.database();
  const serve = () => processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  const servers = [await serve(), await serve()];
  const balancer = new Balancer();
  onTestFinished(() => balancer.stop());
  for (const server of servers) balancer.add(server);
  const town = await buildTown(servers[0]!);
  const senders = new Senders(town, () => balancer);
  const elsewhere = await buildTown(servers[0]!);
  await dawdle(database);

  senders.start(RATE, FEW);
  const stops: number[] = [];
  for (let time = 0; time < RESTARTS; time++) {
    await senders.more(RATE / 2);
    const since = performance.now();
    const stopping = servers.shift()!;
    const ending = stopping.kill('SIGTERM');
    const slow = slowRequest(stopping, elsewhere);
    expect(await slow, 'a request that had begun').toMatchObject({ status: 201 });
    expect(await ending).toMatchObject({ code: 0, stderr: '' });
    stops.push(performance.now() - since);
    balancer.remove(stopping);
    const server = await serve();
    servers.push(server);
    balancer.add(server);
  }
  await senders.stop();
  // A remaining backlog is not a fault: notifications may not keep up with this rate.
  const empty = await drained(database, 60_000);

  print('rolling restart', {
    restarts: RESTARTS,
    requests: senders.attempts.length,
    failed: senders.attempts.length - senders.count(201),
    'longest request': seconds(senders.longest),
    'stopped after at most': seconds(Math.max(...stops)),
    'outbox empty after': seconds(empty),
  });
  expect(senders.attempts.filter(({ outcome }) => outcome !== 201).slice(0, 10)).toEqual([]);
  expect(Math.max(...stops)).toBeLessThan(STOPPED_WITHIN);
  await expectKept(database, senders, town);
});

/** Has the database take longer for one message than a stopping process goes on serving. */
const dawdle = (database: TestDatabase) =>
  database.query(`
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3.5); RETURN new; END $$;
    CREATE TRIGGER dawdle BEFORE INSERT ON messages FOR EACH ROW WHEN (new.content = 'slow') EXECUTE FUNCTION dawdle()`);

/** Sent to a process that is about to close, and still under way when it has closed its door. */
function slowRequest(server: Server, { group, groupId }: Town) {
  const path = `/api/v1/messages/threads/${groupId}/messages`;
  return server.send('POST', path, group[0]!.headers, { content: 'slow' });
}
