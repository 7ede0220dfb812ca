import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Pool } from 'pg';
import { RELAY_PATIENCE_MILLISECONDS, RELAY_ROLE, sessionOptions } from './connection.js';
import { LastingClient } from './lasting-client.js';
import { DATABASE_URLS, type DatabaseUrls } from './urls.js';

/** The worker's door: a role that sees the queues of all organizations and none of their data. */
@Injectable()
export class RelayConnection implements OnApplicationShutdown {
  private readonly pool: Pool;

  constructor(@Inject(DATABASE_URLS) urls: DatabaseUrls) {
    this.pool = new Pool({
      connectionString: urls.relay,
      options: sessionOptions(RELAY_ROLE),
      application_name: 'tidings relay',
      max: 4,
      Client: LastingClient,
      connectionTimeoutMillis: 5000,
      query_timeout: RELAY_PATIENCE_MILLISECONDS,
    });
    // Without a listener a connection that PostgreSQL closes would end the process.
    this.pool.on('error', (error) =>
      new Logger('Database').warn(`A relay connection was lost: ${error.message}`),
    );
  }

  async query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, values)).rows;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
