import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { REQUEST_ROLE, sessionOptions } from './connection.js';
import { ResilientClient } from './resilient-client.js';
import { DATABASE_URLS, type DatabaseUrls } from './urls.js';

/** A load balancer asks every few seconds, and waits no longer than this. */
const PROBE_MILLISECONDS = 1500;

/**
 * Checks whether PostgreSQL answers, on a connection of its own that stays open. Over the pool, all processes would
 * call it unreachable at the same time whenever the pool is full.
 */
@Injectable()
export class Reachability implements OnApplicationShutdown {
  private client?: ResilientClient;
  private probe?: Promise<boolean>;

  constructor(@Inject(DATABASE_URLS) private readonly urls: DatabaseUrls) {}

  /** Concurrent callers share one check. */
  isReachable(): Promise<boolean> {
    this.probe ??= this.ask().finally(() => (this.probe = undefined));
    return Promise.race([this.probe, delay(PROBE_MILLISECONDS, false, { ref: false })]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client?.end().catch(() => undefined);
  }

  /** The open connection may have been closed meanwhile, so a new one is tried before the result is no. */
  private async ask(): Promise<boolean> {
    return (this.client !== undefined && (await this.answers())) || this.answers();
  }

  private async answers(): Promise<boolean> {
    try {
      this.client ??= await this.connect();
      await this.client.query('SELECT 1');
      return true;
    } catch {
      const lost = this.client;
      this.client = undefined;
      void lost?.end().catch(() => undefined);
      return false;
    }
  }

  private async connect(): Promise<ResilientClient> {
    const client = new ResilientClient({
      connectionString: this.urls.request,
      options: sessionOptions(REQUEST_ROLE),
      application_name: 'tidings readiness',
      connectionTimeoutMillis: PROBE_MILLISECONDS,
      query_timeout: PROBE_MILLISECONDS,
      keepAlive: true,
    });
    await client.connect();
    return client;
  }
}
