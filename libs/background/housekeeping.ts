import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Counter } from 'prom-client';
import { ACCESS_RETENTION } from '#access';
import { CONFIG, type Config } from '#config';
import { DATABASE_URLS, Database, type DatabaseUrls, LeaderLock, RelayPool } from '#database';
import { IDENTITY_RETENTION } from '#identity';
import { MESSAGING_RETENTION } from '#messaging';
import { Metrics } from '#metrics';
import { NOTIFICATIONS_RETENTION, RetentionService } from '#notifications';
import { allOrganizations, deleteIdempotencyKeys } from './housekeeping.queries.js';

const EVERY_MILLISECONDS = 30 * 60_000;
/** How often another process looks whether the one that does it is gone. */
const ELECTION_MILLISECONDS = 15_000;
const BATCH = 5000;
/** For each organization and table before the next organization has its turn. */
const BATCH_OF_ORGANIZATION = 1000;

const RULES = [
  ...NOTIFICATIONS_RETENTION,
  ...MESSAGING_RETENTION,
  ...IDENTITY_RETENTION,
  ...ACCESS_RETENTION,
];

/** Clears out what is kept for a time only; in one process of all. */
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
      help: 'Rows that were removed since they had been kept for long enough.',
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

  /** Before the connections are closed that it works on. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stop.abort();
    await this.running;
    await this.lock.release();
  }

  private async runWhenDue(): Promise<void> {
    if (this.stop.signal.aborted || !(await this.lock.acquire()) || performance.now() < this.nextAt) return;
    this.nextAt = performance.now() + EVERY_MILLISECONDS;
    await this.attempt(() => this.clearIdempotencyKeys());
    await this.attempt(() => this.clearNotifications());
    await this.attempt(() => this.clearOld());
  }

  private attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    return work().catch((error: unknown) => {
      this.logger.warn(`Housekeeping failed, retrying in 60 s: ${String(error)}`);
      return undefined;
    });
  }

  /** They count for 24 hours and are gone after 25; in batches, so that no lock is held for long. */
  async clearIdempotencyKeys(): Promise<void> {
    let cleared: number;
    do {
      cleared = await deleteIdempotencyKeys(this.relay, BATCH);
      this.removed.inc({ table: 'idempotency_keys' }, cleared);
    } while (cleared === BATCH && !this.stop.signal.aborted);
  }

  /** As long as their types say. */
  clearNotifications(): Promise<void> {
    return this.forEachOrganization(async (id) => {
      const { removed, isMore } = await this.retention.clear(id);
      this.removed.inc({ table: 'notifications' }, removed);
      return isMore;
    });
  }

  /** What is kept for RETENTION_DAYS. */
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
   * Organizations take turns: one that has more to clear out comes again once all others have had theirs. Where it
   * fails in one, the others have their turn.
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
