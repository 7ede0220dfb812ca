import { setTimeout as delay } from 'node:timers/promises';
import { Child } from './child.ts';
import { Cleanup } from './cleanup.ts';
import { type Load, figuresOf } from './load.ts';
import { type Drive, inTurn, overHttp } from './measuring.ts';
import type { RealtimeJob } from './realtime-loader.ts';
import { ORGANIZATIONS, TALKERS } from './seeding.ts';
import { sendRequests } from './sends.ts';
import type { Server } from './server.ts';
import { usageOf } from './usage.ts';
import { type World, asPerson, createWorld, settle, startServer } from './world.ts';

const isShort = process.argv[2] === 'short';
const SECONDS = isShort ? 3 : 20;
const ROUNDS = isShort ? 1 : 3;
const FEW = 200;
const MANY = 2000;
/** Sends of the comparison with and without the log. */
const COST_RATE = 300;

/** The other rows of the benchmark need these, and nothing here does. */
const LITTLE = { threads: 100, messages: 1000, crowd: 10, unread: 10 };

const LOG_TRIGGERS = `SELECT tgrelid::regclass AS table, tgname AS name FROM pg_trigger WHERE tgname LIKE 'log\\_%'`;

interface Row {
  what: string;
  sockets: number;
  rate: number;
  p50: number;
  p99: number;
  /** Milliseconds of a send, with all that it causes. */
  serverCpu: number;
  postgresCpu: number;
  /** Sends that were refused, such as by a machine that is too slow, or whose frame did not come. */
  failed: number;
}

const cleanup = new Cleanup();
await cleanup.after(measureRealtime);

async function measureRealtime(): Promise<void> {
  const say = (text: string): void => console.error(text);
  const world = await createWorld(cleanup, { large: LITTLE, small: LITTLE, audience: 10 }, say);
  const loader = new Child<RealtimeJob, Load>('./realtime-loader.ts');
  cleanup.add(() => loader.stop());
  const people = Array.from({ length: TALKERS }, (_, at) => asPerson(ORGANIZATIONS.talk, at + 1));
  const authorizations = ['', ...(await Promise.all(people)).map(({ headers }) => headers['Authorization']!)];
  const { server } = world;
  const rows: Row[] = [];
  const measure = async (what: string, servers: Server[], sockets: number, rate: number) => {
    const ports = servers.map(({ port }) => port);
    await loader.run({ ports, open: sockets, authorizations });
    await delay(2000);
    // The first seconds are to warm up.
    await loader.run({ ports, rate, seconds: 2 });
    await settle(world);
    const before = await cpuOf(servers, world);
    const load = await loader.run({ ports, rate, seconds: SECONDS });
    await settle(world);
    const after = await cpuOf(servers, world);
    await loader.run({ ports, close: true });
    const { count, p50, p99 } = figuresOf([load]);
    const [serverCpu, postgresCpu] = after.map((used, at) => (1000 * (used - before[at]!)) / count) as [
      number,
      number,
    ];
    const failed = Object.values(load.failures).reduce((sum, each) => sum + each, 0);
    rows.push({ what, sockets, rate, p50, p99, serverCpu, postgresCpu, failed });
    if (failed > 0) say(`${what}, failures: ${JSON.stringify(load.failures)}`);
    say(what);
  };

  const costs = await measureCosts(world);
  say('cost of the log');
  await measure('send to frame, one process', [server], FEW, 100);
  const megabytes = await memoryOf(loader, server, authorizations);
  say('memory');
  await measure('send to frame, many sockets', [server], MANY, 100);
  const second = await startServer(cleanup, world.databaseUrl);
  await measure('send to frame, two processes', [server, second], FEW, 500);

  console.log(tableOf(rows));
  console.log(
    `\nMemory of ${MANY} sockets in one process: ${((megabytes * 1024) / MANY).toFixed(1)} kB each.`,
  );
  console.log(`\nCPU of a send while nobody is connected, server + PostgreSQL: ${costs}.`);
  for (const { logged } of [server, second])
    if (logged.includes('"level"')) throw new Error(`The server complained: ${logged}`);
}

async function cpuOf(servers: Server[], { postgresPid }: World): Promise<[number, number]> {
  const used = await Promise.all([...servers.map(({ pid }) => pid), postgresPid].map(usageOf));
  const seconds = used.map((usage) => usage?.cpuSeconds ?? NaN);
  return [seconds.slice(0, -1).reduce((sum, each) => sum + each, 0), seconds.at(-1)!];
}

/** MB that the sockets take. */
async function memoryOf(
  loader: Child<RealtimeJob, Load>,
  { pid, port }: Server,
  authorizations: string[],
): Promise<number> {
  const megabytes = async () => {
    await delay(5000);
    return (await usageOf(pid))?.megabytes ?? NaN;
  };
  const before = await megabytes();
  await loader.run({ ports: [port], open: MANY, authorizations });
  const after = await megabytes();
  await loader.run({ ports: [port], close: true });
  return after - before;
}

/** The triggers of the log are disabled and enabled in turn. */
async function measureCosts(world: World): Promise<string> {
  const requests = await sendRequests();
  const { rows: triggers } = await world.database.query<{ table: string; name: string }>(LOG_TRIGGERS);
  const drive = overHttp(world, { requests, seconds: SECONDS / 2, rate: COST_RATE });
  const sending =
    (state: 'ENABLE' | 'DISABLE'): Drive =>
    async () => {
      for (const { table, name } of triggers)
        await world.database.query(`ALTER TABLE ${table} ${state} TRIGGER ${name}`);
      return drive();
    };
  const costs = await inTurn(
    world,
    { rounds: 2 * ROUNDS, seconds: 0 },
    {
      without: sending('DISABLE'),
      with: sending('ENABLE'),
    },
  );
  return Object.entries(costs)
    .map(([name, { usage, count }]) => {
      const [api, postgres] = [usage.api, usage.postgres].map((used) =>
        (((used?.cpuSeconds ?? NaN) * 1000) / count).toFixed(2),
      );
      return `${api} + ${postgres} ms ${name} the log`;
    })
    .join(', ');
}

function tableOf(rows: Row[]): string {
  const lines = rows.map(({ what, sockets, rate, p50, p99, serverCpu, postgresCpu, failed }) => {
    const figures = [p50, p99, serverCpu, postgresCpu].map((figure) => figure.toPrecision(3));
    return `| ${[what, sockets, rate, ...figures, failed].join(' | ')} |`;
  });
  return [
    '\n| what | sockets | sends a second | p50 ms | p99 ms | CPU ms servers | CPU ms PostgreSQL | failed |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}
