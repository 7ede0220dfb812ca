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
  renew,
} from './delivery-log.queries.js';

/**
 * Why a retry is refused. An admin cannot overrule a person's choice, and for a closed delivery the answer does not
 * reveal whether it was sent.
 */
const WHY_NOT_AGAIN: Record<DeliveryStatus, string> = {
  sent: 'It was sent already.',
  closed: 'It was sent, or the person does not want it any more.',
  cancelled: 'The person does not want it any more.',
  waiting: 'It is being sent right now.',
  failed: 'It is being sent right now.',
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
      const renewed = await renew(tx, id);
      if (!renewed) {
        const delivery = await findDelivery(tx, id);
        if (!delivery) throw notFound();
        throw new Problem('conflict', WHY_NOT_AGAIN[delivery.status]);
      }
      tx.record('delivery.requested', { delivery_id: id });
      await audit(tx, caller, { action: 'delivery.retry', targetType: 'delivery', targetId: id });
      return renewed;
    });
  }
}
