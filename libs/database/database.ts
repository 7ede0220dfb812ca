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
  UNPROVEN_CONNECTIONS,
} from './connection.js';
import { type IdempotentRequest, keepResult, takeKey } from './idempotency.js';
import { OutboxSignal } from './outbox-signal.js';
import { isLockTimeout, retryIndividually, isWorthRetrying } from './sql-state.js';
import { Transaction, corkUntilNextTick } from './transaction.js';

/** Of a transaction with organization-wide scope. Not exported: organizationTransaction alone sets it. */
const ORGANIZATION_WIDE = Symbol('organization-wide');

/** The tenant whose rows a transaction may see, and the person whose own rows, where there is one. */
export interface Tenant {
  organizationId: string;
  userId?: string;
  [ORGANIZATION_WIDE]?: boolean;
  idempotency?: IdempotentRequest;
  /** Only claimed so far, by a key that is looked up say: it uses none of the organization's connections. */
  isUnproven?: boolean;
}

type Work<T> = (tx: Transaction) => Promise<T>;

type TransactionWork<T> = (tx: Transaction, begun: Promise<unknown>) => Promise<T>;

/** Answers with a result for each of them, in their order. */
type BatchWork<Item, Result> = (tx: Transaction, items: Item[]) => Promise<Result[]>;

const ATTEMPTS = 4;

/** More than requests can be admitted at a time: beyond it are credentials that are tried. */
const WAITING_PER_ORGANIZATION = 1000;

/** The one key of all tenants that are only claimed. */
const UNPROVEN = 'unproven';

/** The only door to tenant data. */
@Injectable()
export class Database {
  /** Connections are shared between organizations, so that none waits for what another one asks for. */
  private readonly connections = new FairSemaphore({
    permits: POOL_SIZE - UNPROVEN_CONNECTIONS,
    permitsPerKey: CONNECTIONS_PER_ORGANIZATION,
    permitsPerKeyAmongOthers: CONNECTIONS_AMONG_OTHERS,
    waitersPerKey: WAITING_PER_ORGANIZATION,
    timeoutMilliseconds: CONNECTION_TIMEOUT_MILLISECONDS,
  });

  private readonly unproven = new FairSemaphore({
    permits: UNPROVEN_CONNECTIONS,
    waitersPerKey: WAITING_PER_ORGANIZATION,
    timeoutMilliseconds: CONNECTION_TIMEOUT_MILLISECONDS,
  });

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly signal: OutboxSignal,
  ) {}

  /**
   * Runs the work in one transaction in which PostgreSQL itself shows no other organization's rows, and again
   * from the start where PostgreSQL could not serialize it. So the work must touch nothing but its transaction.
   */
  async tenantTransaction<T>(tenant: Tenant, work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(tenant, work);
      } catch (error) {
        if (attempt === ATTEMPTS || !isWorthRetrying(error)) throw error;
        await delay(Math.random() * 20 * 2 ** attempt);
      }
    }
  }

  /**
   * The same with the scope of the whole organization, whoever asks: for work that concerns many people at once. The
   * policies of the database show it every thread of the organization, so its statements say themselves what is whose.
   */
  organizationTransaction<T>(organization: string | Tenant, work: Work<T>): Promise<T> {
    const tenant = typeof organization === 'string' ? { organizationId: organization } : organization;
    const { organizationId, idempotency, isUnproven } = tenant;
    return this.tenantTransaction(
      { organizationId, [ORGANIZATION_WIDE]: true, idempotency, isUnproven },
      work,
    );
  }

  /**
   * For work that only reads, and knows all that it asks for from the beginning: its statements leave together with
   * BEGIN and COMMIT, so that it waits for PostgreSQL once. What it asks for any later is refused.
   */
  tenantRead<T>(tenant: Tenant, work: Work<T>): Promise<T> {
    return this.withTransaction(tenant, async (tx, begun) => {
      const [result] = await Promise.all([work(tx), begun, tx.commit()]);
      return result;
    });
  }

  /**
   * For work that comes by the hundred and whose statements can do for many what they do for one: what comes of an
   * organization at once is done in one organizationTransaction. Where that fails each is done in one of its own,
   * unless `otherwise` knows how else to do all of them after this error. After a lock timeout that must wait for no
   * lock: were each to wait alone, one lock would hold up as many connections as there are items.
   */
  batchedTransaction<Item, Result>(
    work: BatchWork<Item, Result>,
    otherwise: (error: unknown) => BatchWork<Item, Result> | undefined = () => undefined,
  ): (organizationId: string, item: Item) => Promise<Result> {
    const run = async (organizationId: string, items: Item[], how: typeof work): Promise<Result[]> => {
      try {
        return await this.organizationTransaction(organizationId, (tx) => how(tx, items));
      } catch (error) {
        const other = otherwise(error);
        if (!other || other === how) throw error;
        return run(organizationId, items, other);
      }
    };
    const batcher = new Batcher<Item, Result>((organizationId, items) => run(organizationId, items, work), {
      retryIndividually: (error) => retryIndividually(error) && !isLockTimeout(error),
    });
    return (organizationId, item) => batcher.add(organizationId, item);
  }

  /** How many transactions wait for a connection. */
  get waiting(): number {
    return this.connections.waiting + this.unproven.waiting + this.pool.waitingCount;
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
      if (tenant.idempotency) tenant.idempotency.taken = true;
      return result;
    });
  }

  private withTransaction<T>(tenant: Tenant, work: TransactionWork<T>): Promise<T> {
    const [connections, key] = tenant.isUnproven
      ? [this.unproven, UNPROVEN]
      : [this.connections, tenant.organizationId];
    const deadline = performance.now() + CONNECTION_TIMEOUT_MILLISECONDS;
    return connections.run(key, () => this.onConnection(tenant, work, deadline));
  }

  /** Until the deadline of all waiting: where none is idle, PostgreSQL may take long to accept another one. */
  private connect(deadline: number): Promise<PoolClient> {
    const isIdle = this.pool.idleCount > 0;
    const connecting = this.pool.connect();
    if (isIdle) return connecting;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        reject(new NoPermitError('There was no connection in time.'));
        connecting.then(
          (client) => client.release(),
          () => undefined,
        );
      };
      const timer = setTimeout(giveUp, deadline - performance.now());
      connecting.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** Begins it, and has nothing of it left where the work fails. */
  private async onConnection<T>(tenant: Tenant, work: TransactionWork<T>, deadline: number): Promise<T> {
    const client = await this.connect(deadline);
    try {
      const begun = begin(client, tenant);
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

/**
 * One message, and not waited for: the first statement of the work follows it down the same connection. Were
 * this to fail, that statement would find no tenant set, and so no rows.
 */
function begin(client: PoolClient, tenant: Tenant): Promise<unknown> {
  const { organizationId, userId = '', [ORGANIZATION_WIDE]: isOrganizationWide } = tenant;
  corkUntilNextTick(client);
  const begun = client.query(
    `BEGIN; SET LOCAL tidings.organization_id = ${client.escapeLiteral(organizationId)};
     SET LOCAL tidings.user_id = ${client.escapeLiteral(userId)};
     SET LOCAL tidings.scope = '${isOrganizationWide ? 'organization' : ''}'`,
  );
  begun.catch(() => undefined);
  return begun;
}

async function once<T>(tx: Transaction, request: IdempotentRequest, work: Work<T>): Promise<T> {
  if (request.taken) return work(tx);
  const known = await takeKey<T>(tx, request);
  request.replayed = known.replay;
  const result = known.replay ? known.result : await work(tx);
  if (!known.replay) await keepResult(tx, request, result);
  return result;
}
