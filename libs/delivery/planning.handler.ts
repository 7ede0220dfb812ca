import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkerConfig } from '#config';
import { Database, type Transaction } from '#database';
import type { EventMap } from '#events';
import { OnOutboxEvent, OnOutboxEventBatch, type RecordedEvent } from '#outbox';
import { takeBatch } from '#batching';
import { DeliveryQueues } from './delivery-queues.js';
import { withCurrentDelays } from './current-delays.js';
import { type Planned, planFor } from './plan.js';
import {
  type NotificationRange,
  findEndpoints,
  findDeliverable,
  insertDeliveries,
} from './planning.queries.js';

/** Inserts the deliveries of new notifications. Nothing is sent before that. */
@Injectable()
export class PlanningHandler {
  constructor(
    private readonly database: Database,
    private readonly queues: DeliveryQueues,
    @Inject(CONFIG) private readonly config: WorkerConfig,
  ) {}

  @OnOutboxEventBatch('notification.created')
  async created(organizationId: string, ranges: EventMap['notification.created'][]): Promise<number> {
    const some = takeBatch(ranges, ({ count }) => count);
    const planned = await this.database.organizationTransaction(organizationId, (tx) => this.plan(tx, some));
    const channels = planned.filter(({ due_at }) => due_at === null).map(({ channel }) => channel);
    this.queues.nudge(new Set(channels));
    return some.length;
  }

  /** The delivery is already due, so the queues only need a nudge. */
  @OnOutboxEvent('delivery.requested')
  requested(_event: RecordedEvent<'delivery.requested'>): Promise<void> {
    this.queues.nudge();
    return Promise.resolve();
  }

  private async plan(tx: Transaction, ranges: NotificationRange[]): Promise<Planned[]> {
    const [notifications, endpoints] = await Promise.all([
      findDeliverable(tx, ranges, this.config.mail !== null),
      findEndpoints(tx),
    ]);
    const current = await withCurrentDelays(tx, notifications);
    const planned = current.flatMap((one) => planFor(one, endpoints));
    await insertDeliveries(tx, planned);
    return planned;
  }
}
