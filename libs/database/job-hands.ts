import { setTimeout as delay } from 'node:timers/promises';
import type { Job, PgBoss } from 'pg-boss';
import { Alarm } from './alarm.js';

/** What to do with a job. The signal says that the process stops; whoever heeds it by an error has the job again. */
export type JobHandler = (data: object, signal: AbortSignal) => Promise<void>;

export interface Hands {
  /** How many jobs of the queue at once. */
  most: number;
  /** And how many of them for one group, in all processes, so that one that hangs leaves others theirs. */
  mostOfGroup?: number;
}

const POLL_MILLISECONDS = 1000;

/** What is under way at a stop is waited for this long, and told to leave off then. */
const PATIENCE_MILLISECONDS = 4000;

/**
 * Works off one queue. pg-boss has a loop of its own, whose workers each poll and wait for their whole batch: here a
 * free hand takes the next job at once, whatever the others are at, and nothing is asked for while none is free.
 */
export class JobHands {
  private readonly alarm = new Alarm();
  private readonly busy = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private isStopping = false;
  private running?: Promise<void>;

  constructor(
    private readonly boss: PgBoss,
    private readonly queue: string,
    private readonly hands: Hands,
    private readonly handle: JobHandler,
    private readonly warn: (problem: string) => void,
  ) {}

  start(): void {
    this.running = this.run();
  }

  nudge(): void {
    this.alarm.ring();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.alarm.ring();
    await this.running;
    const all = Promise.all(this.busy);
    await Promise.race([all, delay(PATIENCE_MILLISECONDS, undefined, { ref: false })]);
    this.stopping.abort(new Error('The worker is stopping.'));
    await all;
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      this.alarm.reset();
      const free = this.hands.most - this.busy.size;
      const jobs = free > 0 ? await this.fetch(free) : [];
      for (const job of jobs) this.take(job);
      if (jobs.length < free || free === 0) await this.alarm.wait(POLL_MILLISECONDS);
    }
  }

  private async fetch(batchSize: number): Promise<Job[]> {
    try {
      return await this.boss.fetch(this.queue, { batchSize, groupConcurrency: this.hands.mostOfGroup });
    } catch (error) {
      this.warn(`The jobs of ${this.queue} could not be read: ${String(error)}`);
      return [];
    }
  }

  private take(job: Job): void {
    const work = this.work(job).finally(() => {
      this.busy.delete(work);
      this.alarm.ring();
    });
    this.busy.add(work);
  }

  /** One that cannot be finished, since the database is away, expires and comes again. */
  private async work({ id, data }: Job): Promise<void> {
    try {
      await this.handle(data, this.stopping.signal);
      await this.boss.complete(this.queue, id);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.warn(`A job of ${this.queue} failed: ${String(error)}`);
      await this.boss.fail(this.queue, id).catch(() => undefined);
    }
  }
}
