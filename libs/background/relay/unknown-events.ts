import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { OutboxBacklog } from '#outbox';
import { KnownTypes } from './known-types.js';

const EVERY_MILLISECONDS = 5000;

/** Postpones the events of types that no worker knows, and logs each type once. */
@Injectable()
export class UnknownEvents implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Relay');
  private readonly logged = new Set<string>();
  private timer?: NodeJS.Timeout;
  private running = Promise.resolve();

  constructor(
    private readonly backlog: OutboxBacklog,
    private readonly known: KnownTypes,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.postponeUnknown());
    }, EVERY_MILLISECONDS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async postponeUnknown(): Promise<void> {
    // If the database is unavailable, the relay logs it.
    const types = await this.backlog.postponeUnknown(this.known.all).catch(() => []);
    for (const type of types) {
      if (!this.logged.has(type))
        this.logger.warn(
          `No worker knows events of type ${type}, postponing them by 30 s: run a worker of the newer version`,
        );
      this.logged.add(type);
    }
  }
}
