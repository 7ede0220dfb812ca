import type { PoolClient } from 'pg';
import type { DataSource, EntityTarget, ObjectLiteral, QueryRunner, Repository } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { EventMap, EventType } from '#events';
import { prepared } from './prepared.js';

/** One unit of work inside one organization. Handed out by tenantTransaction and by nothing else. */
export class Transaction {
  private isEnded = false;
  private readonly events: { id: string; type: EventType; payload: unknown; run_at: Date | null }[] = [];
  private readonly listeners: (() => void)[] = [];
  private ending?: Promise<void>;

  constructor(
    readonly organizationId: string,
    private readonly client: PoolClient,
    private readonly dataSource: DataSource,
  ) {}

  async query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> {
    this.assertOpen();
    corkUntilNextTick(this.client);
    return (await this.client.query<Row>(prepared(sql, values))).rows;
  }

  repository<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Repository<Entity> {
    this.assertOpen();
    return runnerOn(this.client, this.dataSource).manager.getRepository(entity);
  }

  /** Lets those pass one by one who are about to decide by a row that may not be there yet. */
  async lock(name: string): Promise<void> {
    await this.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [this.nameOfLock(name)]);
  }

  /** In one order, so that two who want the same locks cannot wait for each other. */
  async lockAll(names: string[]): Promise<void> {
    await this.query(
      'SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name',
      [this.inOrder(names)],
    );
  }

  /** Passes together with others who share the locks, and not while somebody has one of them alone. */
  async shareLocks(names: string[]): Promise<void> {
    await this.query(
      'SELECT pg_advisory_xact_lock_shared(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name',
      [this.inOrder(names)],
    );
  }

  /** Those of these locks that can be shared at once: the others somebody has alone. */
  async tryShareLocks(names: string[]): Promise<Set<string>> {
    const shared = await this.query<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) AS name
       WHERE pg_try_advisory_xact_lock_shared(hashtextextended(name, 0))`,
      [this.inOrder(names)],
    );
    const got = new Set(shared.map(({ name }) => name));
    return new Set(names.filter((name) => got.has(this.nameOfLock(name))));
  }

  /**
   * Keeps a fact for the relay, which hands it on at once or from a time on. It is written with the commit, so it
   * exists exactly if the change does.
   */
  record<Type extends EventType>(type: Type, payload: EventMap[Type], at: Date | null = null): void {
    this.events.push({ id: uuid(), type, payload, run_at: at });
  }

  get hasRecorded(): boolean {
    return this.events.length > 0;
  }

  /** Calls the listener once the transaction is committed, in this process: a crash in between loses the call. */
  onCommit(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Called by the work itself, COMMIT leaves with its last statements, and saves a round trip. Otherwise it is called
   * once the work is done. The second call waits for the first.
   */
  commit(): Promise<void> {
    return (this.ending ??= this.end());
  }

  /** The outbox rows and COMMIT leave together; in a pipeline a COMMIT that became a ROLLBACK says so only here. */
  private async end(): Promise<void> {
    this.isEnded = true;
    corkUntilNextTick(this.client);
    const statements = this.events.length > 0 ? [this.writeEvents()] : [];
    statements.push(this.client.query('COMMIT'));
    const results = await settleInOrder(statements);
    if (results.at(-1)!.command !== 'COMMIT') {
      throw new Error('The transaction was rolled back: a statement in it failed and was not awaited.');
    }
    for (const listener of this.listeners) listener();
  }

  /** Behind COMMIT a statement would be a transaction of its own, without a tenant: it would find nothing. */
  private assertOpen(): void {
    if (this.isEnded) throw new Error('A statement came after the end of its transaction.');
  }

  private readonly nameOfLock = (name: string): string => `${this.organizationId} ${name}`;

  private readonly inOrder = (names: string[]): string[] =>
    [...new Set(names.map(this.nameOfLock))].toSorted();

  private writeEvents() {
    return this.client.query(
      prepared(
        `INSERT INTO outbox (organization_id, id, type, payload, run_at)
         SELECT $1, id, type, payload, coalesce(run_at, now())
         FROM jsonb_to_recordset($2) AS event (id uuid, type text, payload jsonb, run_at timestamptz)`,
        [this.organizationId, JSON.stringify(this.events)],
      ),
    );
  }
}

/**
 * Waits for statements that were sent together, and throws the error of the first that failed, in the order in which they
 * were sent: those after it only say that the transaction is aborted.
 */
export async function settleInOrder<T extends readonly unknown[]>(
  statements: T,
): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }> {
  const results = await Promise.allSettled(statements);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}

/** What is sent in one go leaves in one packet, for which PostgreSQL wakes up once. */
export function corkUntilNextTick({ connection: { stream } }: PoolClient): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** TypeORM's, for our connection and transaction: it neither takes one of its own nor begins one for a save. */
function runnerOn(client: PoolClient, dataSource: DataSource): QueryRunner {
  const runner = dataSource.createQueryRunner();
  return Object.assign(runner, { databaseConnection: client, isTransactionActive: true });
}
