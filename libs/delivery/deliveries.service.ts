import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database } from '#database';
import { type Caller, type PersonCaller } from '#identity';
import { Problem, notFound } from '#problem';
import type { Delivery, DeliveryStatus } from './entities.js';
import {
  type DeliveryList,
  findDelivery,
  listDeliveries,
  listOfNotification,
  resetForRetry,
} from './delivery-log.queries.js';

/**
 * Why a retry is refused. An admin cannot overrule a person's choice, and for a closed delivery the answer does not
 * reveal whether it was sent.
 */
const RETRY_CONFLICTS: Record<DeliveryStatus, string> = {
  sent: 'The delivery was sent: there is nothing to retry.',
  closed: 'The delivery was sent, or the person no longer wants it: there is nothing to retry.',
  cancelled: 'The person no longer wants the delivery: there is nothing to retry.',
  waiting: 'The delivery is being sent: read its status again in a minute.',
  failed: 'The delivery is being sent: read its status again in a minute.',
};

/** The deliveries of e-mail, web push and webhooks, for admins and people. */
@Injectable()
export class DeliveriesService {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(caller: Caller, list: DeliveryList): Promise<Delivery[]> {
    return this.database.organizationTransaction(caller, (tx) => listDeliveries(tx, list));
  }

  /** The deliveries of one notification, for its owner. */
  ofNotification(caller: PersonCaller, notificationId: string): Promise<Delivery[]> {
    return this.database.tenantTransaction(caller, (tx) => listOfNotification(tx, notificationId));
  }

  /** Starts again with all attempts. A delivery of a digest is sent on its own. */
  async retry(caller: Caller, id: string): Promise<Delivery> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const reset = await resetForRetry(tx, id);
      if (!reset) {
        const delivery = await findDelivery(tx, id);
        if (!delivery) throw notFound();
        throw new Problem('conflict', RETRY_CONFLICTS[delivery.status]);
      }
      tx.record('delivery.requested', { delivery_id: id });
      await audit(tx, caller, { action: 'delivery.retry', targetType: 'delivery', targetId: id });
      return reset;
    });
  }
}
