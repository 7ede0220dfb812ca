import { Child } from './child.ts';
import type { Cleanup } from './cleanup.ts';
import { bytesOf } from './http-connection.ts';
import { type Patience, type Row, atLeast, atMost, inTurn, overHttp } from './measuring.ts';
import { ORGANIZATIONS } from './seeding.ts';
import { type World, asPerson, secretOfTokens, startServer } from './world.ts';

/** What the framework, the guard and all hooks cost where there is nothing to do. */
export async function measureEmpty(world: World, cleanup: Cleanup, patience: Patience): Promise<Row> {
  const server = await startServer(cleanup, world.databaseUrl, './empty-route.ts');
  const bare = new Child<{ secret: string }, number>('./bare-server.ts');
  cleanup.add(() => bare.stop());
  const port = await bare.run({ secret: secretOfTokens });
  const caller = await asPerson(ORGANIZATIONS.talk, 1);
  const { seconds } = patience;
  const request = (path: string) => [bytesOf({ ...caller, method: 'GET', path })];
  const served = { ...world, server };
  const { ours, limit } = await inTurn(served, patience, {
    ours: overHttp(served, { requests: request('/api/v1/empty'), seconds }),
    limit: overHttp(served, { port, requests: request('/empty'), seconds }),
  });
  await server.stop();
  bare.stop();
  const ratio = ours.rate / limit.rate;
  return {
    operation: 'authenticated empty request',
    ours,
    limit,
    ratio,
    ...atLeast(ratio, 0.7),
    note: 'The limit is Fastify alone, which checks the same token and looks nobody up.',
  };
}

const STARTS = 5;

/** From nothing to the first answer of /health/ready, with the database there and migrated; the median. */
export async function measureStart(world: World, cleanup: Cleanup): Promise<Row> {
  const starts: number[] = [];
  for (let count = 0; count < STARTS; count++) {
    const begun = performance.now();
    const server = await startServer(cleanup, world.databaseUrl);
    starts.push((performance.now() - begun) / 1000);
    await server.stop();
  }
  const median = starts.toSorted((one, other) => one - other)[Math.floor(STARTS / 2)]!;
  return {
    operation: 'start to ready, seconds',
    ours: { p50: median * 1000 },
    ratio: median,
    ...atMost(median, 2),
  };
}
