import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { RelayConnection } from '#database';
import { Retention } from '#notifications';

const EVERY_MILLISECONDS = 30 * 60_000;
const BATCH = 5000;

/** Clears out what is kept for a time only. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Housekeeping');
  private readonly stop = new AbortController();
  private timer?: NodeJS.Timeout;
  private running = Promise.resolve();

  constructor(
    private readonly relay: RelayConnection,
    private readonly retention: Retention,
  ) {}

  onApplicationBootstrap(): void {
    const run = () => (this.running = this.running.then(() => this.run()));
    void run();
    this.timer = setInterval(() => void run(), EVERY_MILLISECONDS).unref();
  }

  /** Before the connections are closed that it works on. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stop.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    await this.attempt(() => this.clearIdempotencyKeys());
    await this.attempt(() => this.clearNotifications());
  }

  private attempt(work: () => Promise<void>): Promise<void> {
    return work().catch((error: unknown) => this.logger.warn(`It will be tried again: ${String(error)}`));
  }

  /** Keys count for 24 hours and are gone after 25; in batches, so that no lock is held for long. */
  async clearIdempotencyKeys(): Promise<void> {
    let cleared: object[];
    do {
      cleared = await this.relay.query(
        `DELETE FROM idempotency_keys WHERE (organization_id, principal, key) IN (
           SELECT organization_id, principal, key FROM idempotency_keys
           WHERE created_at < now() - interval '24 hours' LIMIT $1)
         RETURNING true`,
        [BATCH],
      );
    } while (cleared.length === BATCH && !this.stop.signal.aborted);
  }

  /** One organization after the other, each as its own tenant; where it fails in one, the others have their turn. */
  async clearNotifications(): Promise<void> {
    const organizations = await this.relay.query<{ id: string }>('SELECT id FROM organizations');
    for (const { id } of organizations) {
      if (this.stop.signal.aborted) return;
      await this.attempt(() => this.retention.clear(id, this.stop.signal));
    }
  }
}
