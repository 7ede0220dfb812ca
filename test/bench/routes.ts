import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startEmbedded } from '#embedded-postgres';
import { Cleanup } from './cleanup.ts';
import { HttpConnection, bytesOf } from './http-connection.ts';
import { REQUESTS, type RouteRequest } from './route-requests.ts';
import { ORGANIZATION, seedRoutes } from './route-seed.ts';
import type { Server } from './server.ts';
import { usageOf } from './usage.ts';
import { asPerson, asPlatform, startServer } from './world.ts';

/** What every route must stay below. */
const MAX_CPU_MILLISECONDS = 100;
const MAX_BYTES = 2 * 1024 * 1024;

const FOLDER = fileURLToPath(new URL('../../.tidings/', import.meta.url));
const ROUNDS = 10;

interface Measured {
  name: string;
  p50: number;
  bytes: number;
  serverCpu: number;
  postgresCpu: number;
}

const cleanup = new Cleanup();
await cleanup.after(measureRoutes);

async function measureRoutes(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const folder = await mkdtemp(join(FOLDER, 'bench-routes-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const starting = startEmbedded(folder, []);
  cleanup.add(async () => (await starting).stop());
  const { url } = await starting;
  const [pid] = (await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
  const first = await startServer(cleanup, url);
  const organization = { method: 'PUT', path: `/api/v1/organizations/${ORGANIZATION}` };
  await first.send({ ...asPlatform(), ...organization, body: { name: 'Everything' } });
  await first.stop();
  const database = new Client({ connectionString: url, options: '-c search_path=tidings' });
  await database.connect();
  cleanup.add(() => database.end());
  await seedRoutes({ query: async (sql, values) => (await database.query(sql, values)).rows });
  // Without background work, whose processor time would be counted as that of requests.
  const server = await startServer(cleanup, url, undefined, { WORKER: 'off' });
  const ids = await idsOf(server, database);
  const rows: Measured[] = [];
  for (const request of Object.values(REQUESTS).flat()) {
    rows.push(await measure(server, Number(pid), request, ids));
    console.error(rows.at(-1)!.name);
  }
  console.log(tableOf(rows));
}

/** What exists only once it was made. */
async function idsOf(server: Server, database: Client): Promise<Record<string, string>> {
  const admin = await asPerson(ORGANIZATION, 1);
  for (let number = 0; number < 100; number++) {
    const body = { name: `key ${number}`, scopes: ['act_as'] };
    await server.send({ ...admin, method: 'POST', path: '/api/v1/admin/api-keys', body });
  }
  const requested = await server.send({
    ...admin,
    method: 'POST',
    path: '/api/v1/notifications',
    body: { to: { everyone: true }, type: 'SYSTEM', title: 'Fire drill', body: 'At noon.' },
  });
  const { rows } = await database.query<{ id: string }>('SELECT id FROM notifications LIMIT 1');
  return { ':notification': rows[0]!.id, ':request': (JSON.parse(requested.body) as { id: string }).id };
}

async function measure(
  server: Server,
  postgresPid: number,
  { method = 'GET', path, body, undo, platform }: RouteRequest,
  ids: Record<string, string>,
): Promise<Measured> {
  const { headers } = platform ? asPlatform() : await asPerson(ORGANIZATION, 1);
  const send = async (connection: HttpConnection, verb: string, to: string, content?: object) => {
    const filled = to.replace(/:[a-z]+/, (name) => ids[name] ?? name);
    const request = { method: verb, path: `/api/v1/${filled}`, body: content };
    const answer = await connection.send(
      bytesOf({ ...request, headers: { ...headers, 'X-Access-Reason': 'Measured' } }),
    );
    if (answer.status >= 300) throw new Error(`${verb} ${filled}: ${answer.status} ${answer.body}`);
    return answer;
  };
  const pathOf = typeof path === 'function' ? path : () => path;
  const connection = new HttpConnection(server.port);
  const cpu = async () => [await usageOf(server.pid), await usageOf(postgresPid)].map(milliseconds);
  const times: number[] = [];
  const used = [0, 0];
  let bytes = 0;
  // The first is to warm up, but where only the first has something to do.
  for (let round = method === 'GET' || undo ? -1 : 0; round < ROUNDS; round++) {
    const before = await cpu();
    const begun = performance.now();
    const answer = await send(connection, method, pathOf(round), body?.(round));
    const time = performance.now() - begun;
    const after = await cpu();
    if (undo) await send(connection, undo.method, undo.path);
    if (round < 0) continue;
    times.push(time);
    bytes = Math.max(bytes, Buffer.byteLength(answer.body));
    for (const at of [0, 1]) used[at]! += after[at]! - before[at]!;
  }
  connection.close();
  const p50 = times.toSorted((one, other) => one - other)[Math.floor(ROUNDS / 2)]!;
  const [serverCpu, postgresCpu] = used.map((total) => total / ROUNDS) as [number, number];
  return {
    name: `${method} ${pathOf(0).replaceAll(/[0-9a-f-]{36}/g, '…')}`,
    p50,
    bytes,
    serverCpu,
    postgresCpu,
  };
}

function milliseconds(usage: { cpuSeconds: number } | null): number {
  return (usage?.cpuSeconds ?? NaN) * 1000;
}

function tableOf(rows: Measured[]): string {
  const lines = rows.map(({ name, p50, bytes, serverCpu, postgresCpu }) => {
    const isMet = serverCpu + postgresCpu <= MAX_CPU_MILLISECONDS && bytes <= MAX_BYTES;
    const figures = [serverCpu, postgresCpu, p50].map((figure) => figure.toFixed(figure < 10 ? 1 : 0));
    return `| \`${name}\` | ${figures.join(' | ')} | ${bytes.toLocaleString('en')} | ${isMet ? 'yes' : '**no**'} |`;
  });
  return [
    '| request | CPU ms server | CPU ms PostgreSQL | p50 ms | bytes | met |',
    '| --- | --: | --: | --: | --: | --- |',
    ...lines,
  ].join('\n');
}
