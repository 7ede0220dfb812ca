import type { PoolClient } from 'pg';
import type { DataSource, EntityTarget, ObjectLiteral, QueryRunner, Repository } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { EventMap, EventType } from '#events';
import { prepared } from './prepared.js';

/** A unit of work in one organization. Only Database creates it. */
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

  /** Takes an advisory lock until the transaction ends, for decisions on a row that may not exist yet. */
  async lock(name: string): Promise<void> {
    await this.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [this.nameOfLock(name)]);
  }

  /** Takes the locks in a fixed order, so that two transactions that need the same ones cannot deadlock. */
  async lockAll(names: string[]): Promise<void> {
    await this.query(
      'SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name',
      [this.inOrder(names)],
    );
  }

  /** Takes the locks in shared mode. Waits only behind transactions that hold or await one of them exclusively. */
  async lockAllShared(names: string[]): Promise<void> {
    await this.query(
      'SELECT pg_advisory_xact_lock_shared(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name',
      [this.inOrder(names)],
    );
  }

  /** Takes in shared mode, without waiting, the locks that nobody holds or awaits exclusively. Returns their names. */
  async tryLockAllShared(names: string[]): Promise<Set<string>> {
    const shared = await this.query<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) AS name
       WHERE pg_try_advisory_xact_lock_shared(hashtextextended(name, 0))`,
      [this.inOrder(names)],
    );
    const got = new Set(shared.map(({ name }) => name));
    return new Set(names.filter((name) => got.has(this.nameOfLock(name))));
  }

  /**
   * Records an event for the relay, due at once or at a given time. It is inserted with the commit, so it exists
   * exactly if the change does.
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
   * Commits. If the work calls this, COMMIT is sent together with its last statements, which saves a round trip.
   * Otherwise Database calls it after the work. A second call waits for the first.
   */
  commit(): Promise<void> {
    return (this.ending ??= this.end());
  }

  /** Sends the outbox rows and COMMIT together. In a pipeline, only this result shows that COMMIT became a ROLLBACK. */
  private async end(): Promise<void> {
    this.isEnded = true;
    corkUntilNextTick(this.client);
    const statements = this.events.length > 0 ? [this.writeEvents()] : [];
    statements.push(this.client.query('COMMIT'));
    const results = await awaitInOrder(statements);
    if (results.at(-1)!.command !== 'COMMIT') {
      throw new Error('The transaction was rolled back: a statement in it failed and was not awaited.');
    }
    for (const listener of this.listeners) listener();
  }

  /** After COMMIT, a statement would be a transaction of its own, without a tenant, and find nothing. */
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
 * Waits for statements that were sent together, and throws the error of the first that failed, in the order in which
 * they were sent: those after it only say that the transaction is aborted.
 */
export async function awaitInOrder<T extends readonly unknown[]>(
  statements: T,
): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }> {
  const results = await Promise.allSettled(statements);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}

/** Sends everything that is written until the next tick in one packet, so that PostgreSQL wakes up once. */
export function corkUntilNextTick({ connection: { stream } }: PoolClient): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** A TypeORM query runner on this connection and transaction: it opens no connection and begins no transaction. */
function runnerOn(client: PoolClient, dataSource: DataSource): QueryRunner {
  const runner = dataSource.createQueryRunner();
  return Object.assign(runner, { databaseConnection: client, isTransactionActive: true });
}
