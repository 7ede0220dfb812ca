import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Counter } from 'prom-client';
import { ACCESS_RETENTION } from '#access';
import { emptyOldest } from '#change-log';
import { CONFIG, type Config } from '#config';
import {
  DATABASE_URLS,
  Database,
  type DatabaseUrls,
  LeaderLock,
  RelayPool,
  deleteIdempotencyKeys,
} from '#database';
import { IDENTITY_RETENTION, allOrganizations } from '#identity';
import { MESSAGING_RETENTION } from '#messaging';
import { Metrics } from '#metrics';
import { NOTIFICATIONS_RETENTION, RetentionService } from '#notifications';
import { OUTBOX_RETENTION } from '#outbox';
import { REALTIME_RETENTION } from '#realtime';

const EVERY_MILLISECONDS = 30 * 60_000;
/** How often the other processes try to take over the lock. */
const ELECTION_MILLISECONDS = 15_000;
const BATCH = 5000;
/** Rows per organization and table in one turn. */
const BATCH_OF_ORGANIZATION = 1000;

const RULES = [
  ...NOTIFICATIONS_RETENTION,
  ...OUTBOX_RETENTION,
  ...MESSAGING_RETENTION,
  ...IDENTITY_RETENTION,
  ...ACCESS_RETENTION,
  ...REALTIME_RETENTION,
];

/** Deletes what retention no longer keeps. It runs in one of all processes. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Housekeeping');
  private readonly stop = new AbortController();
  private readonly lock: LeaderLock;
  private readonly removed: Counter<'table'>;
  private nextAt = 0;
  private timer?: NodeJS.Timeout;
  private running = Promise.resolve();

  constructor(
    private readonly relay: RelayPool,
    private readonly database: Database,
    private readonly retention: RetentionService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE_URLS) urls: DatabaseUrls,
    metrics: Metrics,
  ) {
    this.lock = new LeaderLock(urls, 'housekeeping');
    this.removed = metrics.counter({
      name: 'housekeeping_removed_total',
      help: 'Rows deleted by housekeeping after their retention.',
      labelNames: ['table'],
    });
  }

  onApplicationBootstrap(): void {
    const run = () => {
      this.running = this.running.then(() => this.runWhenDue());
    };
    run();
    this.timer = setInterval(run, ELECTION_MILLISECONDS).unref();
  }

  /** Runs before the connections that it uses are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stop.abort();
    await this.running;
    await this.lock.release();
  }

  private async runWhenDue(): Promise<void> {
    if (this.stop.signal.aborted || !(await this.lock.acquire()) || performance.now() < this.nextAt) return;
    this.nextAt = performance.now() + EVERY_MILLISECONDS;
    await this.attempt(() => emptyOldest(this.relay));
    await this.attempt(() => this.clearIdempotencyKeys());
    await this.attempt(() => this.clearNotifications());
    await this.attempt(() => this.clearOld());
  }

  private attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    return work().catch((error: unknown) => {
      this.logger.warn(`Housekeeping failed, retrying in 30 min: ${String(error)}`);
      return undefined;
    });
  }

  /** Deletes keys older than 24 hours, which are no longer valid. Batches keep locks short. */
  async clearIdempotencyKeys(): Promise<void> {
    let cleared: number;
    do {
      cleared = await deleteIdempotencyKeys(this.relay, BATCH);
      this.removed.inc({ table: 'idempotency_keys' }, cleared);
    } while (cleared === BATCH && !this.stop.signal.aborted);
  }

  /** Deletes notifications by the retention of their types. */
  clearNotifications(): Promise<void> {
    return this.forEachOrganization(async (id) => {
      const { removed, isMore } = await this.retention.clear(id);
      this.removed.inc({ table: 'notifications' }, removed);
      return isMore;
    });
  }

  /** Deletes rows by the retention rules, most of them after RETENTION_DAYS. */
  clearOld(): Promise<void> {
    return this.forEachOrganization(async (organizationId) => {
      let isMore = false;
      for (const rule of RULES) {
        const removed = await this.database.organizationTransaction(organizationId, (tx) =>
          rule.remove(tx, this.config.retentionDays, BATCH_OF_ORGANIZATION),
        );
        this.removed.inc({ table: rule.table }, removed);
        isMore ||= removed === BATCH_OF_ORGANIZATION;
      }
      return isMore;
    });
  }

  /**
   * Organizations take turns: one with more to delete continues after all others had a turn. A failure in one
   * organization does not stop the others.
   */
  private async forEachOrganization(clear: (id: string) => Promise<boolean>): Promise<void> {
    let organizations = await allOrganizations(this.relay);
    while (organizations.length > 0) {
      const unfinished: string[] = [];
      for (const id of organizations) {
        if (this.stop.signal.aborted) return;
        if (await this.attempt(() => clear(id))) unfinished.push(id);
      }
      organizations = unfinished;
    }
  }
}
