import { Logger } from '@nestjs/common';
import { RELAY_ROLE, sessionOptions } from './connection.js';
import { ResilientClient } from './resilient-client.js';
import type { DatabaseUrls } from './urls.js';

const RECONNECT_MILLISECONDS = 1000;

/** An unanswered query shows that the host disappeared without closing the connection. */
const CHECK_MILLISECONDS = 5000;
const PATIENCE_MILLISECONDS = 5000;

interface Hearing {
  heard: (payload: string) => void;
  /** Called whenever it starts to listen. Earlier notifications are lost. */
  began?: () => void;
}

/** Receives the notifications of a NOTIFY channel on a connection of its own, and reconnects after a loss. */
export class PgListener {
  private client?: ResilientClient;
  private timer?: NodeJS.Timeout;
  private check?: NodeJS.Timeout;
  private isStopped = false;

  constructor(
    private readonly urls: DatabaseUrls,
    private readonly channel: string,
    private readonly hearing: Hearing,
  ) {}

  async start(): Promise<void> {
    const client = new ResilientClient({
      connectionString: this.urls.relay,
      options: sessionOptions(RELAY_ROLE),
      application_name: 'tidings listener',
      connectionTimeoutMillis: 5000,
      query_timeout: PATIENCE_MILLISECONDS,
    });
    this.client = client;
    client.on('notification', ({ payload = '' }) => this.hearing.heard(payload));
    client.once('end', () => {
      clearInterval(this.check);
      this.reconnect();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${this.channel}`);
      this.check = setInterval(
        () => void client.query('SELECT 1').catch(() => undefined),
        CHECK_MILLISECONDS,
      );
      this.hearing.began?.();
    } catch (error) {
      new Logger('PgListener').warn(`LISTEN ${this.channel} failed, retrying in 1 s: ${String(error)}`);
      await client.end().catch(() => undefined);
      this.reconnect();
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearInterval(this.check);
    await this.client?.end();
  }

  private reconnect(): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.start(), RECONNECT_MILLISECONDS);
  }
}
