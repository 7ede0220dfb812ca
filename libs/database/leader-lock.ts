import type { QueryResult } from 'pg';
import { RELAY_ROLE, sessionOptions } from './connection.js';
import { ResilientClient } from './resilient-client.js';
import type { DatabaseUrls } from './urls.js';

/** PostgreSQL notices a host that disappeared within about a minute instead of two hours, and frees the lock. */
const KEEPALIVES = '-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5';

/**
 * Elects one process for work that must not run twice at the same time: the one whose session holds an advisory lock.
 * The lock is released when the process ends or its session is lost.
 */
export class LeaderLock {
  private session?: ResilientClient;

  constructor(
    private readonly urls: DatabaseUrls,
    private readonly name: string,
  ) {}

  /** Returns whether this process is the leader, or has become it. */
  async acquire(): Promise<boolean> {
    if (this.session) await this.session.query('SELECT 1').catch(() => this.release());
    this.session ??= await this.lockedSession();
    return this.session !== undefined;
  }

  async release(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    await session?.end();
  }

  private async lockedSession(): Promise<ResilientClient | undefined> {
    const session = new ResilientClient({
      connectionString: this.urls.relay,
      options: `${sessionOptions(RELAY_ROLE)} ${KEEPALIVES}`,
      application_name: `tidings ${this.name}`,
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
    });
    session.once('end', () => {
      if (this.session === session) this.session = undefined;
    });
    try {
      await session.connect();
      const { rows } = (await session.query(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
        [`tidings ${this.name}`],
      )) as QueryResult<{ locked: boolean }>;
      if (rows[0]?.locked) return session;
    } catch {
      // The next call tries again.
    }
    await session.end().catch(() => undefined);
    return undefined;
  }
}
