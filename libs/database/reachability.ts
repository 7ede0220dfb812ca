import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { REQUEST_ROLE, sessionOptions } from './connection.js';
import { ResilientClient } from './resilient-client.js';
import { DATABASE_URLS, type DatabaseUrls } from './urls.js';

/** A load balancer asks every few seconds, and waits no longer. */
const PROBE_MILLISECONDS = 1500;

/**
 * Whether PostgreSQL answers, over a connection of its own, which is kept. Over the pool it would be said to be
 * unreachable, by all processes at once, whenever the pool is full.
 */
@Injectable()
export class Reachability implements OnApplicationShutdown {
  private client?: ResilientClient;
  private probe?: Promise<boolean>;

  constructor(@Inject(DATABASE_URLS) private readonly urls: DatabaseUrls) {}

  /** Asks once at a time, however many want to know. */
  isReachable(): Promise<boolean> {
    this.probe ??= this.ask().finally(() => (this.probe = undefined));
    return Promise.race([this.probe, delay(PROBE_MILLISECONDS, false, { ref: false })]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client?.end().catch(() => undefined);
  }

  /** The kept connection may have been closed meanwhile, so a new one is asked before the answer is no. */
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
