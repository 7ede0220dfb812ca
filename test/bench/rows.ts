import type { Cleanup } from './cleanup.ts';
import { measureEmpty, measureStart } from './edge.ts';
import type { SendLimit } from './limit.ts';
import type { Patience, Row } from './measuring.ts';
import { measureReads } from './reads.ts';
import { SIZES } from './seeding.ts';
import { measureCosts, measureLag, measureSends } from './sends.ts';
import { measureCrowd, measureFanOut } from './fan-out.ts';
import { usageOf } from './usage.ts';
import type { World } from './world.ts';

const PATIENCE: Record<keyof typeof SIZES, { sends: Patience; others: Patience }> = {
  full: { sends: { rounds: 5, seconds: 5 }, others: { rounds: 3, seconds: 2 } },
  short: { sends: { rounds: 2, seconds: 2 }, others: { rounds: 2, seconds: 0.5 } },
};

export interface Choice {
  mode: keyof typeof SIZES;
  limit: SendLimit;
  /** Groups of rows, by name; all where it is left out. */
  only?: string[];
}

/** Row after row, as they come. */
export async function* measureAll(
  world: World,
  cleanup: Cleanup,
  { mode, limit, only }: Choice,
): AsyncGenerator<Row> {
  const { sends, others } = PATIENCE[mode];
  const groups: Record<string, () => Promise<Row[]>> = {
    sends: () => measureSends(world, sends, limit),
    costs: () => measureCosts(world, sends, limit),
    lag: async () => [await measureLag(world, sends)],
    crowd: () => measureCrowd(world, others),
    'fan-out': async () => [await measureFanOut(world, others, SIZES[mode].audience)],
    reads: () => measureReads(world, cleanup, others),
    empty: async () => [await measureEmpty(world, cleanup, others)],
    start: async () => [await measureStart(world, cleanup)],
  };
  const memory: number[] = [];
  for (const [name, measure] of Object.entries(groups)) {
    if (only && !only.includes(name)) continue;
    yield* await measure();
    memory.push((await usageOf(world.server.pid))?.megabytes ?? NaN);
  }
  yield memoryRow(memory);
}

const MAX_MEGABYTES = 250;

/** Of the process that has served all rows: flat where the second half of them has hardly added to it. */
function memoryRow(memory: number[]): Row {
  const last = memory.at(-1)!;
  return {
    operation: 'memory of the API after all that, MB',
    ours: {},
    ratio: last,
    target: `≤ ${MAX_MEGABYTES}, flat`,
    isMet: last <= MAX_MEGABYTES && last <= 1.2 * memory[Math.floor(memory.length / 2)]!,
    note: `MB after each group of rows: ${memory.map((each) => each.toFixed(0)).join(', ')}.`,
  };
}
