import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { OutboxBacklog } from '#outbox';
import { KnownTypes } from './known-types.js';

const EVERY_MILLISECONDS = 5000;

/** Puts off the events of types that no worker here knows, and logs each type once. */
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
      this.running = this.running.then(() => this.putOff());
    }, EVERY_MILLISECONDS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async putOff(): Promise<void> {
    // Where the database cannot be reached the relay says so.
    const types = await this.backlog.putOffUnknown(this.known.all).catch(() => []);
    for (const type of types) {
      if (!this.logged.has(type))
        this.logger.warn(`Events of type ${type} wait for a worker that knows them: is a newer one running?`);
      this.logged.add(type);
    }
  }
}
