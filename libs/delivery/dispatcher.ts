import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { WHOLE_ORGANIZATION } from '#identity';
import { type Sources, findPreferences } from '#preferences';
import { CHANNEL_SENDERS, type ChannelSenders } from './channel-senders.js';
import { readClaimed } from './claimed.queries.js';
import type { Unit } from './delivery-queue.js';
import { DeliveryQueues } from './delivery-queues.js';
import { SENT_CHANNELS, type SendOutcome, type OutboundDelivery, hasWaited } from '#outbound';
import type { ClaimedRow } from './queue-claims.queries.js';
import { outcomeAfterSend } from './retries.js';
import { attempt } from './attempt.js';
import { markEmailed, release, recordOutcome } from './outcome.queries.js';
import { outcomeOfUnwanted, recheckBeforeSend } from './recheck.js';

const alone = (rows: ClaimedRow[]): Unit[] => rows.map((row) => [row]);

/** Sends what is due. Nothing is held in the database meanwhile but the lease. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap {
  constructor(
    private readonly queues: DeliveryQueues,
    private readonly database: Database,
    @Inject(CHANNEL_SENDERS) private readonly carriers: ChannelSenders,
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
    const parcel = await this.inOrganization(organizationId, (tx) => take(tx, row));
    if (!parcel) return;
    const carrier = this.carriers[parcel.delivery.channel];
    let outcome: SendOutcome;
    try {
      outcome = await attempt((limit) => carrier.send(parcel, limit), signal);
    } catch (error) {
      await this.inOrganization(organizationId, (tx) => release(tx, [parcel]));
      throw error;
    }
    await this.inOrganization(organizationId, async (tx) => {
      if (outcome.status === 'sent' && parcel.delivery.channel === 'email') {
        await markEmailed(tx, [parcel.notification.id]);
      }
      await recordOutcome(tx, [parcel], outcomeAfterSend(outcome, parcel.delivery));
    });
  }

  private inOrganization<T>(organizationId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, work);
  }
}

/** The parcel, if it is still wanted; otherwise what became of it is recorded. */
async function take(tx: Transaction, row: ClaimedRow): Promise<OutboundDelivery | undefined> {
  const [parcel] = await readClaimed(tx, [row]);
  if (!parcel) return undefined;
  const wanted = recheckBeforeSend(parcel, await sourcesOf(tx, parcel));
  if ('now' in wanted) return parcel;
  await recordOutcome(tx, [parcel], outcomeOfUnwanted(wanted));
  return undefined;
}

async function sourcesOf(tx: Transaction, parcel: OutboundDelivery): Promise<Sources | undefined> {
  if (!hasWaited(parcel)) return undefined;
  const { user_id } = parcel.recipient;
  return (await findPreferences(tx, [user_id], parcel.notification.type))?.people.get(user_id);
}
