import type { HttpJob } from './http-loader.ts';
import { type Figures, type Load, figuresOf } from './load.ts';
import type { RawJob } from './raw-loader.ts';
import { type Usage, usageOf } from './usage.ts';
import { type World, settle } from './world.ts';

/** How long a row is measured: so many times so many seconds, in turn with what it is compared with. */
export interface Patience {
  rounds: number;
  seconds: number;
}

/** As many as the table of the issue has. */
export const CONNECTIONS = 32;

export interface Measured extends Figures {
  /** Until all that it caused was done; memory at the end. */
  usage: Record<'api' | 'postgres' | 'loader', Usage | null>;
}

/** Ours and what it is compared with; see docs/performance.md for what the parts mean. */
export interface Row {
  operation: string;
  ours: Partial<Measured>;
  limit?: Partial<Measured>;
  ratio?: number;
  target?: string;
  isMet?: boolean;
  note?: string;
}

export type Drive = () => Promise<Load>;

/**
 * Each in turn, round after round, so that what else goes on on the machine hits all of them alike. The first round
 * is to warm up, and counts for nothing.
 */
export async function inTurn<Name extends string>(
  world: World,
  { rounds }: Patience,
  drives: Record<Name, Drive>,
): Promise<Record<Name, Measured>> {
  const entries = Object.entries(drives) as [Name, Drive][];
  const slices = new Map<Name, Slice[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, drive] of entries) {
      const slice = await meter(world, drive);
      assertAllSucceeded(name, slice.load);
      if (round > 0) slices.get(name)!.push(slice);
    }
  }
  return Object.fromEntries([...slices].map(([name, each]) => [name, measured(each)])) as Record<
    Name,
    Measured
  >;
}

function assertAllSucceeded(name: string, { failures }: Load): void {
  const [first] = Object.keys(failures);
  if (first === undefined) return;
  const count = Object.values(failures).reduce((sum, each) => sum + each, 0);
  throw new Error(`${count} requests failed (${name}), such as with ${first}`);
}

interface Slice {
  load: Load;
  before: Measured['usage'];
  after: Measured['usage'];
}

async function meter(world: World, drive: Drive): Promise<Slice> {
  const before = await look(world);
  const load = await drive();
  // What a request causes is part of its cost.
  await settle(world);
  return { load, before, after: await look(world) };
}

async function look({ server, postgresPid, http }: World): Promise<Measured['usage']> {
  const pids = [server.pid, postgresPid, http.pid];
  const [api = null, postgres = null, loader = null] = await Promise.all(pids.map(usageOf));
  return { api, postgres, loader };
}

function measured(slices: Slice[]): Measured {
  const usage = (name: keyof Measured['usage']): Usage | null => {
    const last = slices.at(-1)?.after[name];
    const spent = slices.map(({ before, after }) => after[name]!.cpuSeconds - before[name]!.cpuSeconds);
    return last ? { ...last, cpuSeconds: spent.reduce((sum, each) => sum + each, 0) } : null;
  };
  return {
    ...figuresOf(slices.map(({ load }) => load)),
    usage: { api: usage('api'), postgres: usage('postgres'), loader: usage('loader') },
  };
}

/** Through the server, from the process that loads it. */
export const overHttp =
  (world: World, job: Pick<HttpJob, 'requests' | 'seconds'> & Partial<HttpJob>): Drive =>
  () =>
    world.http.run({ port: world.server.port, connections: CONNECTIONS, ...job });

/** Straight at PostgreSQL. */
export const driveRaw =
  (world: World, job: Pick<RawJob, 'statements' | 'seconds'> & Partial<RawJob>): Drive =>
  () =>
    world.raw.run({ url: world.databaseUrl, connections: CONNECTIONS, ...job });

/** Whether a figure has what it is to have at least, or at most. */
export const atLeast = (figure: number, bound: number): Pick<Row, 'target' | 'isMet'> => ({
  target: `≥ ${bound}`,
  isMet: figure >= bound,
});
export const atMost = (figure: number, bound: number): Pick<Row, 'target' | 'isMet'> => ({
  target: `≤ ${bound}`,
  isMet: figure <= bound,
});
