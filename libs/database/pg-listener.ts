import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { RELAY_ROLE, sessionOptions } from './connection.js';
import { ResilientClient } from './resilient-client.js';
import { DATABASE_URLS, type DatabaseUrls } from './urls.js';

const RECONNECT_MILLISECONDS = 1000;

/** A query that is not answered shows that the host disappeared without closing the connection. */
const CHECK_MILLISECONDS = 2000;
const QUERY_TIMEOUT_MILLISECONDS = 5000;

interface ChannelHandler {
  onNotification: (payload: string) => void;
  /** Called whenever LISTEN starts. Notifications from before that are lost. */
  onListen?: () => void;
}

/** Receives the notifications of NOTIFY channels on one connection of its own, and reconnects when that is lost. */
@Injectable()
export class PgListener implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly channels = new Map<string, ChannelHandler>();
  private client?: ResilientClient;
  private timer?: NodeJS.Timeout;
  private check?: NodeJS.Timeout;
  private isStopped = false;
  private isCatchingUp = false;
  private notifiedUntil = -Infinity;

  constructor(@Inject(DATABASE_URLS) private readonly urls: DatabaseUrls) {}

  /** Call this before the application starts. */
  listen(channel: string, handler: ChannelHandler): void {
    this.channels.set(channel, handler);
  }

  /** A time of performance.now(). The notifications of all commits before it have been received. */
  get caughtUpAt(): number {
    return this.notifiedUntil;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.channels.size > 0) await this.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearInterval(this.check);
    await this.client?.end();
  }

  private async start(): Promise<void> {
    const client = new ResilientClient({
      connectionString: this.urls.relay,
      options: sessionOptions(RELAY_ROLE),
      application_name: 'tidings listener',
      connectionTimeoutMillis: 5000,
      query_timeout: QUERY_TIMEOUT_MILLISECONDS,
    });
    this.client = client;
    client.on('notification', ({ channel, payload = '' }) =>
      this.channels.get(channel)?.onNotification(payload),
    );
    client.once('end', () => {
      clearInterval(this.check);
      this.notifiedUntil = -Infinity;
      this.reconnect();
    });
    try {
      await client.connect();
      await client.query([...this.channels.keys()].map((channel) => `LISTEN ${channel}`).join('; '));
      this.check = setInterval(() => void this.catchUp(client), CHECK_MILLISECONDS);
      for (const { onListen } of this.channels.values()) onListen?.();
    } catch (error) {
      new Logger('PgListener').warn(`LISTEN failed, retrying in 1 s: ${String(error)}`);
      await client.end().catch(() => undefined);
      this.reconnect();
    }
  }

  /** PostgreSQL sends the notifications of earlier commits before the response. */
  private async catchUp(client: ResilientClient): Promise<void> {
    if (this.isCatchingUp) return;
    this.isCatchingUp = true;
    const sentAt = performance.now();
    await client.query('SELECT 1').then(
      () => (this.notifiedUntil = sentAt),
      () => undefined,
    );
    this.isCatchingUp = false;
  }

  private reconnect(): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.start(), RECONNECT_MILLISECONDS);
  }
}
