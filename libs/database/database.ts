import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Batcher } from '#batching';
import { FairSemaphore, NoPermitError } from '#fairness';
import {
  CONNECTIONS_AMONG_OTHERS,
  CONNECTIONS_PER_ORGANIZATION,
  CONNECTION_TIMEOUT_MILLISECONDS,
  POOL_SIZE,
  UNVERIFIED_CONNECTIONS,
} from './connection.js';
import { CommitSignal } from './commit-signal.js';
import { once } from './idempotency.js';
import { OutboxSignal } from './outbox-signal.js';
import { isLockTimeout, retryIndividually, isWorthRetrying } from './sql-state.js';
import { type Tenant, beginFor, withScope } from './tenant.js';
import { Transaction } from './transaction.js';

type Work<T> = (tx: Transaction) => Promise<T>;

type TransactionWork<T> = (tx: Transaction, begun: Promise<unknown>) => Promise<T>;

/** Returns a result for each item, in the order of the items. */
type BatchWork<Item, Result> = (tx: Transaction, items: Item[]) => Promise<Result[]>;

const MAX_ATTEMPTS = 4;

/** More than the requests that admission lets in at once, so only lookups of unverified credentials reach it. */
const WAITING_PER_ORGANIZATION = 1000;

/** The semaphore key that all transactions with unverified credentials share. */
const UNVERIFIED = 'unverified';

/** Opens the transactions in which requests and handlers access tenant data. */
@Injectable()
export class Database {
  /** Shares connections fairly between organizations, so that none waits for the requests of another. */
  private readonly connections = new FairSemaphore({
    permits: POOL_SIZE - UNVERIFIED_CONNECTIONS,
    permitsPerKey: CONNECTIONS_PER_ORGANIZATION,
    permitsPerKeyAmongOthers: CONNECTIONS_AMONG_OTHERS,
    waitersPerKey: WAITING_PER_ORGANIZATION,
    timeoutMilliseconds: CONNECTION_TIMEOUT_MILLISECONDS,
  });

  private readonly unverified = new FairSemaphore({
    permits: UNVERIFIED_CONNECTIONS,
    waitersPerKey: WAITING_PER_ORGANIZATION,
    timeoutMilliseconds: CONNECTION_TIMEOUT_MILLISECONDS,
  });

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly signal: OutboxSignal,
    private readonly commits: CommitSignal,
  ) {}

  /**
   * Runs the work in one transaction, in which row-level security shows only rows of the tenant. After a deadlock or
   * serialization failure it runs the work again, so the work must change nothing outside its transaction.
   */
  async tenantTransaction<T>(tenant: Tenant, work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(tenant, work);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isWorthRetrying(error)) throw error;
        await delay(Math.random() * 20 * 2 ** attempt);
      }
    }
  }

  /**
   * Like tenantTransaction, with the organization-wide scope, for work that concerns many people. The policies show it
   * every thread of the organization, so its statements must restrict what each person may see.
   */
  organizationTransaction<T>(organization: string | Tenant, work: Work<T>): Promise<T> {
    const tenant = typeof organization === 'string' ? { organizationId: organization } : organization;
    return this.tenantTransaction(withScope(tenant, 'organization'), work);
  }

  /** Like tenantTransaction, with the scope of the platform, for what organizations share: users and their deletion. */
  platformTransaction<T>(tenant: Tenant, work: Work<T>): Promise<T> {
    return this.tenantTransaction(withScope(tenant, 'platform'), work);
  }

  /** tenantRead with the organization-wide scope. */
  organizationRead<T>(organizationId: string, work: Work<T>): Promise<T> {
    return this.tenantRead(withScope({ organizationId }, 'organization'), work);
  }

  /**
   * For work that only reads and issues all its statements at once: they are sent together with BEGIN and COMMIT, in
   * one round trip. Later statements are refused. See docs/architecture.md.
   */
  tenantRead<T>(tenant: Tenant, work: Work<T>): Promise<T> {
    return this.withTransaction(tenant, async (tx, begun) => {
      const [result] = await Promise.all([work(tx), begun, tx.commit()]);
      return result;
    });
  }

  /**
   * Returns a function that batches items by organization: items that arrive together are handled in one
   * organizationTransaction. If a batch fails, each item is retried in a transaction of its own, unless `fallbackFor`
   * returns another way to handle the batch. After a lock timeout, items are not retried individually, because each
   * would hold a connection while it waits for the lock; for the same reason the fallback must not wait for locks.
   */
  batchedTransaction<Item, Result>(
    work: BatchWork<Item, Result>,
    fallbackFor: (error: unknown) => BatchWork<Item, Result> | undefined = () => undefined,
  ): (organizationId: string, item: Item) => Promise<Result> {
    const run = async (organizationId: string, items: Item[], how: typeof work): Promise<Result[]> => {
      try {
        return await this.organizationTransaction(organizationId, (tx) => how(tx, items));
      } catch (error) {
        const fallback = fallbackFor(error);
        if (!fallback || fallback === how) throw error;
        return run(organizationId, items, fallback);
      }
    };
    const batcher = new Batcher<Item, Result>((organizationId, items) => run(organizationId, items, work), {
      retryIndividually: (error) => retryIndividually(error) && !isLockTimeout(error),
    });
    return (organizationId, item) => batcher.add(organizationId, item);
  }

  /** How many transactions wait for a connection. */
  get waiting(): number {
    return this.connections.waiting + this.unverified.waiting + this.pool.waitingCount;
  }

  private get pool(): Pool {
    return (this.dataSource.driver as PostgresDriver).master as Pool;
  }

  private attempt<T>(tenant: Tenant, work: Work<T>): Promise<T> {
    return this.withTransaction(tenant, async (tx, begun) => {
      const result = await (tenant.idempotency ? once(tx, tenant.idempotency, work) : work(tx));
      await begun;
      await tx.commit();
      if (tx.hasRecorded) this.signal.nudge();
      this.commits.committed(tenant.organizationId);
      if (tenant.idempotency) tenant.idempotency.taken = true;
      return result;
    });
  }

  private withTransaction<T>(tenant: Tenant, work: TransactionWork<T>): Promise<T> {
    const [connections, key] = tenant.isUnverified
      ? [this.unverified, UNVERIFIED]
      : [this.connections, tenant.organizationId];
    const deadline = performance.now() + CONNECTION_TIMEOUT_MILLISECONDS;
    return connections.run(key, () => this.onConnection(tenant, work, deadline));
  }

  /** Waits for a connection until the deadline: if none is idle, PostgreSQL may take long to accept a new one. */
  private connect(deadline: number): Promise<PoolClient> {
    const isIdle = this.pool.idleCount > 0;
    const connecting = this.pool.connect();
    if (isIdle) return connecting;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        reject(new NoPermitError('No connection was available in time.'));
        connecting.then(
          (client) => client.release(),
          () => undefined,
        );
      };
      const timer = setTimeout(giveUp, deadline - performance.now());
      connecting.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** Begins the transaction, and rolls it back if the work fails. */
  private async onConnection<T>(tenant: Tenant, work: TransactionWork<T>, deadline: number): Promise<T> {
    const client = await this.connect(deadline);
    try {
      const begun = beginFor(tenant, client);
      return await work(new Transaction(tenant.organizationId, client, this.dataSource), begun);
    } catch (error) {
      // A connection that is gone has rolled back already, and the pool drops it.
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }
}
