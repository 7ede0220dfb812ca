import { expect, it } from 'vitest';
import { useProcesses } from '../start/processes.js';
import { drained, expectKept } from './books.js';
import { print, scaled, seconds } from './figures.js';
import { Senders } from './senders.js';
import { IN_LARGE_GROUP, SETTINGS, buildTown } from './town.js';

const processes = useProcesses();

const KILLS = scaled(3, 20);
const RATE = 200;

it('loses no acknowledged message and notifies once while API and worker are killed repeatedly', async () => {
  const database = await processes.database();
  const serve = () => processes.serve({ ...SETTINGS, DATABASE_URL: database.url, WORKER: 'off' });
  let server = await serve();
  const town = await buildTown(server, IN_LARGE_GROUP);
  const senders = new Senders(town, () => server);
  senders.start(RATE);
  const since = performance.now();

  const killServers = async () => {
    for (let time = 0; time < KILLS; time++) {
      await senders.more(RATE / 2);
      await server.kill('SIGKILL');
      server = await serve();
    }
  };
  const killWorkers = async () => {
    for (let time = 0; time < KILLS; time++) {
      const worker = await processes.work(database.url);
      await senders.more(RATE / 2);
      await worker.kill('SIGKILL');
    }
  };
  await Promise.all([killServers(), killWorkers()]);
  await senders.stop();
  const took = performance.now() - since;
  await processes.work(database.url);
  const empty = await drained(database);

  const again = await senders.sendAgain(200);
  print('killed processes', {
    kills: 2 * KILLS,
    acknowledged: senders.acknowledged.size,
    'a second': Math.round((senders.acknowledged.size / took) * 1000),
    'in doubt': senders.count('broken'),
    'outbox empty after': seconds(empty),
  });
  await expectKept(database, senders, town);
  expect(again, 'sent again, and not recognized').toBe(0);
});
