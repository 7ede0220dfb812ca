import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { RELAY_ROLE, sessionOptions } from './connection.js';
import { type Hands, type JobHandler, JobHands } from './job-hands.js';
import { JOBS_SCHEMA, QUIET } from './jobs-schema.js';
import { DATABASE_URLS, type DatabaseUrls } from './urls.js';

export interface NewJob {
  /** Made of what the job is for: one that is there already is not there twice. */
  id: string;
  data: object;
  at?: Date;
  group?: string;
}

/** A job that is not finished by then belongs to a worker that died. */
export const JOB_SECONDS = 60;

const QUEUE = {
  expireInSeconds: JOB_SECONDS,
  // A job fails where the database does, or a worker stops: what else can fail is not the queue's to repeat.
  retryLimit: 1000,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  // Long enough to recognise a job that is added again after a crash.
  deleteAfterSeconds: 3600,
};

/** What is to be done outside the database, at a time, each by one worker: pg-boss, for workers only. */
@Injectable()
export class Jobs implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Jobs');
  private readonly queues = new Map<string, JobHands>();
  private started?: Promise<PgBoss>;

  constructor(@Inject(DATABASE_URLS) private readonly urls: DatabaseUrls) {}

  async work(queue: string, hands: Hands, handle: JobHandler): Promise<void> {
    const boss = await this.boss();
    await boss.createQueue(queue, QUEUE);
    const worker = new JobHands(boss, queue, hands, handle, (problem) => this.logger.warn(problem));
    this.queues.set(queue, worker);
    worker.start();
  }

  async add(queue: string, jobs: NewJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const boss = await this.boss();
    await boss.insert(
      queue,
      jobs.map(({ id, data, at, group }) => ({
        id,
        data,
        startAfter: at,
        ...(group !== undefined && { group: { id: group } }),
      })),
    );
    this.queues.get(queue)?.nudge();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.queues.values()].map((worker) => worker.stop()));
    await (await this.started)?.stop({ graceful: false });
  }

  private boss(): Promise<PgBoss> {
    this.started ??= this.start();
    return this.started;
  }

  private async start(): Promise<PgBoss> {
    const boss = new PgBoss({
      ...QUIET,
      connectionString: this.urls.relay,
      options: sessionOptions(RELAY_ROLE),
      application_name: 'tidings jobs',
      schema: JOBS_SCHEMA,
      max: 4,
      migrate: false,
      connectionTimeoutMillis: 5000,
      superviseIntervalSeconds: 30,
      monitorIntervalSeconds: 30,
    });
    // Without a listener a connection that PostgreSQL closes would end the process.
    boss.on('error', (error) => this.logger.warn(error.message));
    await boss.start();
    return boss;
  }
}
