import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkerConfig } from '#config';
import { Database, type Transaction } from '#database';
import { type EventMap, Handles, HandlesTogether, type RecordedEvent, firstPortion } from '#events';
import { WHOLE_ORGANIZATION } from '#identity';
import { Departures } from './departures.js';
import { planFor } from './plan.js';
import {
  type Telling,
  type Waiting,
  findEndpoints,
  findTold,
  findWaiting,
  findWaitingOf,
  insertDeliveries,
} from './planning.repository.js';

/** Writes down what is to leave by which channel, and when, before anything leaves. */
@Injectable()
export class PlanningHandler {
  constructor(
    private readonly database: Database,
    private readonly departures: Departures,
    @Inject(CONFIG) private readonly config: WorkerConfig,
  ) {}

  @HandlesTogether('notification.created')
  async created(organizationId: string, tellings: EventMap['notification.created'][]): Promise<void> {
    let rest = tellings;
    while (rest.length > 0) {
      const some = firstPortion(rest, ({ count }) => count);
      rest = rest.slice(some.length);
      const waiting = await this.asOrganization(organizationId, (tx) => this.plan(tx, some));
      await this.departures.schedule(organizationId, waiting);
    }
  }

  @Handles('delivery.requested')
  async requested({ organizationId, payload }: RecordedEvent<'delivery.requested'>): Promise<void> {
    const waiting = await this.asOrganization(organizationId, (tx) => findWaiting(tx, [payload.delivery_id]));
    await this.departures.schedule(organizationId, waiting);
  }

  private async plan(tx: Transaction, tellings: Telling[]): Promise<Waiting[]> {
    const [told, endpoints] = await Promise.all([
      findTold(tx, tellings, this.config.mail !== null),
      findEndpoints(tx),
    ]);
    if (told.length === 0) return [];
    const now = new Date();
    await insertDeliveries(
      tx,
      told.flatMap((one) => planFor(one, endpoints, now)),
    );
    return findWaitingOf(
      tx,
      told.map(({ id }) => id),
    );
  }

  private asOrganization<T>(organizationId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, work);
  }
}
