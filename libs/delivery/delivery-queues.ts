import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type WorkerConfig } from '#config';
import { RelayPool } from '#database';
import { DeliveryQueue, type QueueOptions } from './delivery-queue.js';
import { claimDue } from './queue-claims.queries.js';
import type { QueueName } from './queue-scan.queries.js';
import { shareOf } from './queue-shares.js';

/** The queues of this worker, one per channel and one for digests. Rows of deliveries are the queued items. */
@Injectable()
export class DeliveryQueues implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Deliveries');
  private readonly queues = new Map<QueueName, DeliveryQueue>();

  constructor(
    private readonly relay: RelayPool,
    @Inject(CONFIG) private readonly config: WorkerConfig,
  ) {}

  work(name: QueueName, { handle, unitsOf }: Pick<QueueOptions, 'handle' | 'unitsOf'>): void {
    const queue = new DeliveryQueue({
      share: shareOf(name, this.config.concurrency[name]),
      priorities: name === 'digest' ? ['normal'] : ['urgent', 'normal'],
      claim: (request) => claimDue(this.relay, name, request),
      unitsOf,
      handle,
      warn: (problem) => this.logger.warn(`${name}: ${problem}`),
    });
    this.queues.set(name, queue);
    queue.start();
  }

  /** How many deliveries are being sent. */
  inProgress(name: QueueName): number {
    return this.queues.get(name)?.size ?? 0;
  }

  /** Announces that deliveries of these queues, or of all, may be due. Other workers notice within a second. */
  nudge(names: Iterable<QueueName> = this.queues.keys()): void {
    for (const name of names) this.queues.get(name)?.nudge();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.stop()));
  }
}
