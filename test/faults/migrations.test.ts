import { expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { migrateDown, migrateUp } from '#database';
import { MIGRATIONS } from '#migrations';
import { useProcesses } from '../start/processes.js';
import { seedLarge } from '../support/large.js';
import { drained, expectAcknowledged } from './books.js';
import { print, scaled, seconds } from './figures.js';
import { besideLongReader } from './long-reader.js';
import { FEW, Senders } from './senders.js';
import { SETTINGS, buildTown } from './town.js';
import { Writers } from './writers.js';

const processes = useProcesses();

const NEWEST = scaled(4, MIGRATIONS.length);
const MESSAGES = scaled(20_000, 300_000);
const RATE = 100;
const MAX_WAIT = 1000;

/**
 * Down to where the code before a migration left the tables, and up again, while that code writes to them. Whatever
 * the migration does, and whoever reads meanwhile, no write may wait for it; one that fails is to fail only since the
 * migration has taken away its table.
 */
it('delays no write while any migration goes down and up', async () => {
  const database = await processes.database();
  const organizationId = uuid();
  await database.query(`INSERT INTO organizations (id, name) VALUES ($1, 'Riverside')`, [organizationId]);
  await seedLarge(database, { organizationId, threads: 2000, messages: MESSAGES, crowd: 500 });
  const writers = new Writers(database.url);
  await writers.start(RATE);

  const known = (count: number) => MIGRATIONS.slice(0, count);
  await besideLongReader(database.url, async () => {
    for (let count = MIGRATIONS.length; count > MIGRATIONS.length - NEWEST; count--)
      await migrateDown(database.url, known(count));
    for (let count = MIGRATIONS.length - NEWEST + 1; count <= MIGRATIONS.length; count++) {
      await writers.look();
      await migrateUp(database.url, known(count));
    }
  });
  await writers.stop();

  print('migrations', {
    'down and up': NEWEST,
    messages: MESSAGES,
    writes: writers.written,
    'longest write': seconds(writers.longest),
  });
  expect(writers.failed).toEqual([]);
  expect(writers.longest).toBeLessThan(MAX_WAIT);
});

it('neither fails nor delays sends before and after the newest migration goes down and up', async () => {
  const database = await processes.database();
  const server = await processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  const town = await buildTown(server);
  const senders = new Senders(town, () => server);

  senders.start(RATE, FEW);
  await senders.more(RATE);
  const down = performance.now();
  await besideLongReader(database.url, async () => {
    await migrateDown(database.url, MIGRATIONS);
    await senders.more(RATE);
    await migrateUp(database.url, MIGRATIONS);
  });
  const up = performance.now();
  await senders.more(RATE);
  await senders.stop();
  await drained(database);

  const failed = senders.attempts.filter(({ outcome }) => outcome !== 201);
  print('newest migration', {
    took: seconds(up - down),
    sends: senders.attempts.length,
    'failed meanwhile': failed.length,
    'longest send': seconds(senders.longest),
  });
  expect(failed.filter(({ begun, milliseconds }) => begun + milliseconds < down || begun > up)).toEqual([]);
  expect(senders.longest).toBeLessThan(MAX_WAIT);
  await expectAcknowledged(database, senders, town);
});
