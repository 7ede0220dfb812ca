import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

// The relay must not have any garbage of its own.
const api = useApi({ worker: 'off' });

const ROUNDS = 10;
const REQUESTS = 100;

const oldBytes = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size;

/** How much of each time lasts until everything is collected, which takes long and keeps all processors busy. */
async function bytesKeptBy(work: () => Promise<unknown>): Promise<number> {
  for (let time = 0; time < REQUESTS; time++) await work();
  collect();
  const before = oldBytes();
  for (let round = 0; round < ROUNDS; round++) {
    for (let time = 0; time < REQUESTS; time++) await work();
    collect({ type: 'minor' });
  }
  return (oldBytes() - before) / (ROUNDS * REQUESTS);
}

it('garbage of a request is freed by the next minor collection', async () => {
  const ann = await api.as(await api.build.member());
  const ofClient = await bytesKeptBy(() => api.anybody.get('health/live'));
  const ofBoth = await bytesKeptBy(() => ann.get('messages/unread-count'));
  // 2900 of passport itself; 7400 where the answers of PostgreSQL are kept, 8500 where requests are.
  expect(ofBoth - ofClient).toBeLessThan(4500);
});
