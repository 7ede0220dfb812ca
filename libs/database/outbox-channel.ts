import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { RELAY_ROLE, sessionOptions } from './connection.js';
import { LastingClient } from './lasting-client.js';
import { OutboxSignal } from './outbox-signal.js';
import { RelayConnection } from './relay-connection.js';
import { DATABASE_URLS, type DatabaseUrls } from './urls.js';

const CHANNEL = 'tidings_outbox';

/** NOTIFY takes a lock of the whole server at commit, so never in a transaction of a request, and seldom. */
const PAUSE_MILLISECONDS = 50;

/** For a process without a worker: tells those of others that there are new events. */
@Injectable()
export class OutboxNotifier implements OnModuleDestroy {
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly relay: RelayConnection,
    signal: OutboxSignal,
  ) {
    signal.onNudge(() => {
      this.timer ??= setTimeout(() => void this.notify(), PAUSE_MILLISECONDS);
    });
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private async notify(): Promise<void> {
    this.timer = undefined;
    // The worker finds the events by itself, only later.
    await this.relay.query(`NOTIFY ${CHANNEL}`).catch(() => undefined);
  }
}

const RECONNECT_MILLISECONDS = 1000;

/** For a worker: hears the notifiers of other processes, on a connection of its own. */
@Injectable()
export class OutboxListener implements OnApplicationBootstrap, OnModuleDestroy {
  private client?: LastingClient;
  private timer?: NodeJS.Timeout;
  private isStopped = false;

  constructor(
    @Inject(DATABASE_URLS) private readonly urls: DatabaseUrls,
    private readonly signal: OutboxSignal,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.connect();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.client?.end();
  }

  private async connect(): Promise<void> {
    const client = new LastingClient({
      connectionString: this.urls.relay,
      options: sessionOptions(RELAY_ROLE),
      application_name: 'tidings listener',
      keepAlive: true,
      connectionTimeoutMillis: 5000,
    });
    this.client = client;
    client.on('notification', () => this.signal.nudge());
    client.once('end', () => this.reconnect());
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      new Logger('OutboxListener').warn(`It will be tried again: ${String(error)}`);
      await client.end().catch(() => undefined);
      this.reconnect();
    }
  }

  private reconnect(): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), RECONNECT_MILLISECONDS);
  }
}
