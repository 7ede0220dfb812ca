import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RelayConnection } from '#database';

const EVERY_MILLISECONDS = 30 * 60_000;
const BATCH = 5000;

/** Clears out what is kept for a time only. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;

  constructor(private readonly relay: RelayConnection) {}

  onApplicationBootstrap(): void {
    const logger = new Logger('Housekeeping');
    const run = () => {
      this.clearIdempotencyKeys().catch((error: unknown) =>
        logger.warn(`It will be tried again: ${String(error)}`),
      );
    };
    run();
    this.timer = setInterval(run, EVERY_MILLISECONDS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
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
    } while (cleared.length === BATCH);
  }
}
