import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Pool, type QueryConfig } from 'pg';
import { RELAY_QUERY_TIMEOUT_MILLISECONDS, RELAY_ROLE, sessionOptions } from './connection.js';
import { ResilientClient } from './resilient-client.js';
import { prepared } from './prepared.js';
import { DATABASE_URLS, type DatabaseUrls } from './urls.js';

const EXCLUSIVE_TIMEOUT = 10_000;

/**
 * Statistics do not help here: a queue is empty most of the time and long at others. Without the last two settings,
 * PostgreSQL may choose an index that orders by the first of two columns only, and sort the whole backlog of an
 * organization.
 */
const INDEXES_ONLY = ['bitmapscan', 'sort', 'incremental_sort']
  .map((kind) => `SET LOCAL enable_${kind} = off`)
  .join('; ');

type Statement = Required<Pick<QueryConfig, 'name' | 'text' | 'values'>>;

/** The worker's access to the queues: its role sees those of all organizations, and none of their data. */
@Injectable()
export class RelayPool implements OnApplicationShutdown {
  private readonly pool: Pool;

  constructor(@Inject(DATABASE_URLS) urls: DatabaseUrls) {
    this.pool = new Pool({
      connectionString: urls.relay,
      options: sessionOptions(RELAY_ROLE),
      application_name: 'tidings relay',
      max: 4,
      Client: ResilientClient,
      connectionTimeoutMillis: 5000,
      query_timeout: RELAY_QUERY_TIMEOUT_MILLISECONDS,
      pipeline: true,
    });
    // Without a listener a connection that PostgreSQL closes would end the process.
    this.pool.on('error', (error) =>
      new Logger('Database').warn(`Relay connection lost, the pool will replace it: ${error.message}`),
    );
  }

  async query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> {
    return (await this.pool.query<Row>(prepared(sql, values))).rows;
  }

  /** Notifies the listeners of a NOTIFY channel. */
  async notify(channel: string, payload: string): Promise<void> {
    await this.query('SELECT pg_notify($1, $2)', [channel, payload]);
  }

  /**
   * Executes a statement that no two sessions may execute at the same time. It is planned once per connection under
   * its name. All of it is sent at once, so a process that disappears never leaves the lock held, and a silent
   * connection is closed after seconds.
   */
  async exclusively<Row extends object>(lock: string, { name, text, values }: Statement): Promise<Row[]> {
    const client = await this.pool.connect();
    const send = (query: QueryConfig) =>
      client.query<Row>({ ...query, query_timeout: EXCLUSIVE_TIMEOUT } as QueryConfig);
    try {
      const [, result] = await Promise.all([
        send({
          text: `BEGIN; ${INDEXES_ONLY}; SELECT pg_advisory_xact_lock(hashtext(${client.escapeLiteral(lock)}))`,
        }),
        send({ name, text, values }),
        send({ text: 'COMMIT' }),
      ]);
      client.release();
      return result.rows;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
