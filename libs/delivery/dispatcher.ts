import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { markEmailed } from '#notifications';
import { type Sources, findPreferences } from '#preferences';
import { CHANNEL_SENDERS, type ChannelSenders } from './channel-senders.js';
import { readClaimed } from './claimed.queries.js';
import type { Unit } from './delivery-queue.js';
import { DeliveryQueues } from './delivery-queues.js';
import { SENT_CHANNELS, type SendOutcome, type OutboundDelivery, hasWaited } from '#outbound';
import type { ClaimedRow } from './queue-claims.queries.js';
import { outcomeAfterSend } from './retries.js';
import { attempt } from './attempt.js';
import { release, recordOutcome } from './outcome.queries.js';
import { outcomeOfUnwanted, recheckBeforeSend } from './recheck.js';

const alone = (rows: ClaimedRow[]): Unit[] => rows.map((row) => [row]);

/** Sends due deliveries. No transaction is open while it sends: only the lease is held. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap {
  constructor(
    private readonly queues: DeliveryQueues,
    private readonly database: Database,
    @Inject(CHANNEL_SENDERS) private readonly senders: ChannelSenders,
  ) {}

  onApplicationBootstrap(): void {
    for (const channel of SENT_CHANNELS) {
      this.queues.work(channel, {
        unitsOf: alone,
        handle: ([row], signal) => this.dispatch(row, signal),
      });
    }
  }

  private async dispatch(row: ClaimedRow, signal: AbortSignal): Promise<void> {
    const organizationId = row.organization_id;
    const item = await this.database.organizationTransaction(organizationId, (tx) => take(tx, row));
    if (!item) return;
    const sender = this.senders[item.delivery.channel];
    let outcome: SendOutcome;
    try {
      outcome = await attempt((limit) => sender.send(item, limit), signal);
    } catch (error) {
      await this.database.organizationTransaction(organizationId, (tx) => release(tx, [item]));
      throw error;
    }
    await this.database.organizationTransaction(organizationId, async (tx) => {
      if (outcome.status === 'sent' && item.delivery.channel === 'email') {
        await markEmailed(tx, [item.notification.id]);
      }
      await recordOutcome(tx, [item], outcomeAfterSend(outcome, item.delivery));
    });
  }
}

/** Returns the item if it is still wanted. Otherwise records the outcome. */
async function take(tx: Transaction, row: ClaimedRow): Promise<OutboundDelivery | undefined> {
  const [item] = await readClaimed(tx, [row]);
  if (!item) return undefined;
  const wanted = recheckBeforeSend(item, await sourcesOf(tx, item));
  if ('now' in wanted) return item;
  await recordOutcome(tx, [item], outcomeOfUnwanted(wanted));
  return undefined;
}

async function sourcesOf(tx: Transaction, item: OutboundDelivery): Promise<Sources | undefined> {
  if (!hasWaited(item)) return undefined;
  const { user_id } = item.recipient;
  return (await findPreferences(tx, [user_id], item.notification.type))?.people.get(user_id);
}
