import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkerConfig } from '#config';
import { Database, type Transaction } from '#database';
import { type EventMap, Handles, HandlesTogether, type RecordedEvent, firstPortion } from '#events';
import { WHOLE_ORGANIZATION } from '#identity';
import { DeliveryQueues } from './delivery-queues.js';
import { withCurrentDelays } from './delays.js';
import { type Planned, planFor } from './plan.js';
import { type Telling, findEndpoints, findTold, insertDeliveries } from './planning.repository.js';

/** Writes down what is to leave by which channel, and when, before anything leaves. */
@Injectable()
export class PlanningHandler {
  constructor(
    private readonly database: Database,
    private readonly queues: DeliveryQueues,
    @Inject(CONFIG) private readonly config: WorkerConfig,
  ) {}

  @HandlesTogether('notification.created')
  async created(organizationId: string, tellings: EventMap['notification.created'][]): Promise<number> {
    const some = firstPortion(tellings, ({ count }) => count);
    const planned = await this.asOrganization(organizationId, (tx) => this.plan(tx, some));
    const channels = planned.filter(({ due_at }) => due_at === null).map(({ channel }) => channel);
    this.queues.nudge(new Set(channels));
    return some.length;
  }

  /** It is due already: the queues only have to look. */
  @Handles('delivery.requested')
  requested(_event: RecordedEvent<'delivery.requested'>): Promise<void> {
    this.queues.nudge();
    return Promise.resolve();
  }

  private async plan(tx: Transaction, tellings: Telling[]): Promise<Planned[]> {
    const [told, endpoints] = await Promise.all([
      findTold(tx, tellings, this.config.mail !== null),
      findEndpoints(tx),
    ]);
    const current = await withCurrentDelays(tx, told);
    const planned = current.flatMap((one) => planFor(one, endpoints));
    await insertDeliveries(tx, planned);
    return planned;
  }

  private asOrganization<T>(organizationId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, work);
  }
}
