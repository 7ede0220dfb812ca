import { setTimeout as delay } from 'node:timers/promises';
import { threadId } from '../support/large.ts';
import type { Cleanup } from './cleanup.ts';
import { type Request, bytesOf } from './http-connection.ts';
import {
  type Measured,
  type Patience,
  type Row,
  atLeast,
  atMost,
  driveRaw,
  inTurn,
  overHttp,
} from './measuring.ts';
import type { Recorded } from './recording.ts';
import { ORGANIZATIONS } from './seeding.ts';
import type { Server } from './server.ts';
import { type World, asPerson, startServer } from './world.ts';

const READS = {
  inbox: 'messages/inbox',
  'thread, page of 50': `messages/threads/${threadId(1)}?limit=50`,
  'feed, page of 20': 'notifications?limit=20',
  'unread messages': 'messages/unread-count',
  'unread notifications': 'notifications/unread-count',
};

const SIZES = ['small', 'large'] as const;

/** Each over HTTP and as the same statements straight at PostgreSQL, with little history and with much. */
export async function measureReads(world: World, cleanup: Cleanup, patience: Patience): Promise<Row[]> {
  const recorder = await startServer(cleanup, world.databaseUrl, './recording.ts');
  const reads = Object.entries(READS).map(([operation, path]) => ({ operation, path: `/api/v1/${path}` }));
  const recorded = new Map<string, Recorded[]>();
  for (const { path } of reads) {
    for (const size of SIZES)
      recorded.set(`${size} ${path}`, await record(recorder, await requestOf(size, path)));
  }
  await recorder.stop();
  const rows: Row[] = [];
  for (const { operation, path } of reads) {
    const through = async (size: (typeof SIZES)[number]) =>
      overHttp(world, { requests: [bytesOf(await requestOf(size, path))], seconds: patience.seconds });
    const straight = (size: (typeof SIZES)[number]) =>
      driveRaw(world, { ...asJob(recorded.get(`${size} ${path}`)!), seconds: patience.seconds });
    const measured = await inTurn(world, patience, {
      small: await through('small'),
      smallRaw: straight('small'),
      large: await through('large'),
      largeRaw: straight('large'),
    });
    rows.push(...rowsOf(operation, measured));
  }
  return rows;
}

const requestOf = async (size: (typeof SIZES)[number], path: string): Promise<Request> => ({
  ...(await asPerson(ORGANIZATIONS[size], 1)),
  method: 'GET',
  path,
});

function rowsOf(
  operation: string,
  { small, smallRaw, large, largeRaw }: Record<'small' | 'smallRaw' | 'large' | 'largeRaw', Measured>,
): Row[] {
  const growth = large.p50 / small.p50;
  return [
    { operation, ours: small, limit: smallRaw, ...ofLimit(small, smallRaw) },
    { operation: `${operation}, much history`, ours: large, limit: largeRaw, ...ofLimit(large, largeRaw) },
    {
      operation: `${operation}, p50 by that of little`,
      ours: {},
      ratio: growth,
      ...atMost(growth, 1.2),
    },
  ];
}

function ofLimit(ours: Measured, limit: Measured) {
  const ratio = ours.rate / limit.rate;
  return { ratio, ...atLeast(ratio, 0.6) };
}

/** What the second of two such requests has the server send: the first also asks who the caller is. */
async function record(server: Server, request: Request): Promise<Recorded[]> {
  const statements: Recorded[] = [];
  // A process of several also says that it is ready.
  const hear = (statement: Recorded | string) => typeof statement === 'object' && statements.push(statement);
  server.process.on('message', hear);
  for (const _ of ['first', 'second']) {
    statements.length = 0;
    const { status } = await server.send(request);
    if (status !== 200) throw new Error(`${request.path} answers ${status}.`);
    // They come by another way than the answer.
    while (statements.at(-1)?.text !== 'COMMIT') await delay(5);
    await delay(50);
  }
  server.process.off('message', hear);
  return statements;
}

const asJob = (statements: Recorded[]) => ({
  options: statements[0]!.options,
  statements: statements.map(({ options: _options, ...statement }) => statement),
});
