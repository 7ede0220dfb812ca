/** What came of driving something for a while. */
export interface Load {
  /** Milliseconds, of each one that succeeded. */
  latencies: Float64Array;
  seconds: number;
  /** By what they answered instead. */
  failures: Record<string, number>;
}

export interface Figures {
  count: number;
  /** A second. */
  rate: number;
  p50: number;
  p99: number;
}

/** Does one thing, which was due then; undefined where that succeeded, else what came instead. */
export type Worker = (due: number) => Promise<string | undefined>;

/** All of them at once and each again and again: how much can be done. */
export async function driveFreely(workers: Worker[], seconds: number): Promise<Load> {
  const tally = new Tally();
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    workers.map(async (worker) => {
      for (let begun = performance.now(); begun < end; begun = performance.now())
        await tally.time(worker, begun);
    }),
  );
  return tally.load();
}

/**
 * So many a second, evenly, whether or not those before are done. Each counts from when it was due, so that what
 * waits behind a slow one is seen to wait.
 */
export async function driveAtRate(workers: Worker[], seconds: number, rate: number): Promise<Load> {
  const tally = new Tally();
  const total = Math.round(seconds * rate);
  const start = performance.now();
  const dueAt = (number: number) => start + (number / rate) * 1000;
  let next = 0;
  await Promise.all(
    workers.map(async (worker) => {
      while (next < total) {
        const due = dueAt(next++);
        await until(due);
        await tally.time(worker, due);
      }
    }),
  );
  return tally.load();
}

class Tally {
  private readonly start = performance.now();
  private readonly latencies: number[] = [];
  private readonly failures: Record<string, number> = {};

  async time(worker: Worker, begun: number): Promise<void> {
    const failure = await worker(begun);
    if (failure === undefined) this.latencies.push(performance.now() - begun);
    else this.failures[failure] = (this.failures[failure] ?? 0) + 1;
  }

  load(): Load {
    return {
      latencies: Float64Array.from(this.latencies),
      seconds: (performance.now() - this.start) / 1000,
      failures: this.failures,
    };
  }
}

/** Late by up to a millisecond, which counts as ours: to spend it asking again would take a third of the machine. */
async function until(due: number): Promise<void> {
  for (let left = due - performance.now(); left > 0; left = due - performance.now()) {
    await new Promise((resolve) => setTimeout(resolve, left));
  }
}

export function figuresOf(loads: Load[]): Figures {
  const latencies = loads.flatMap(({ latencies: each }) => [...each]).toSorted((one, other) => one - other);
  const seconds = loads.reduce((sum, load) => sum + load.seconds, 0);
  return {
    count: latencies.length,
    rate: latencies.length / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
