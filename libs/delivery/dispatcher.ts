import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, Jobs, type Transaction } from '#database';
import { WHOLE_ORGANIZATION } from '#identity';
import { type Sources, findPreferences } from '#preferences';
import { CARRIERS, type Carriers } from './carriers.js';
import { claimDelivery } from './claiming.repository.js';
import { type DeliveryJob, Departures, queueOf } from './departures.js';
import { SENT_CHANNELS, type SentChannel } from './entities.js';
import type { Parcel } from './parcel.js';
import { type Waiting, findWaiting } from './planning.repository.js';
import { settlementOf } from './retries.js';
import { attempt } from './sending.js';
import { markMailed, settle } from './settling.repository.js';
import { hasWaited, settlementOfUnwanted, wantedStill } from './wanted.js';

/**
 * A channel's share of the worker. One address never has more than a few, so that one that hangs hurts itself alone; and
 * there are enough for many that hang, since each does no more than wait.
 */
const HANDS = {
  email: { most: 8 },
  web_push: { most: 8, mostOfGroup: 2 },
  webhook: { most: 100, mostOfGroup: 2 },
} satisfies Record<SentChannel, object>;

/** Sends what is due. Nothing is held in the database meanwhile but the claim. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
    private readonly departures: Departures,
    @Inject(CARRIERS) private readonly carriers: Carriers,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const channel of SENT_CHANNELS) {
      await this.jobs.work(queueOf(channel), HANDS[channel], (job, signal) =>
        this.dispatch(job as DeliveryJob, signal),
      );
    }
  }

  private async dispatch({ organizationId, deliveryId }: DeliveryJob, signal: AbortSignal): Promise<void> {
    const taken = await this.inOrganization(organizationId, (tx) => take(tx, deliveryId));
    if (!('parcel' in taken)) return this.departures.schedule(organizationId, taken.waiting);
    const { parcel } = taken;
    const carrier = this.carriers[parcel.delivery.channel];
    const outcome = await attempt((limit) => carrier.send(parcel, limit), signal);
    const settlement = settlementOf(outcome, parcel.delivery, new Date());
    const waiting = await this.inOrganization(organizationId, async (tx) => {
      if (outcome.status === 'sent' && parcel.delivery.channel === 'email') {
        await markMailed(tx, [parcel.notification.id]);
      }
      return settle(tx, [parcel], settlement);
    });
    await this.departures.schedule(organizationId, waiting);
  }

  private inOrganization<T>(organizationId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, work);
  }
}

type Taken = { parcel: Parcel } | { waiting: Waiting[] };

/** The parcel, if it is due and still wanted; else what has to come up again at another time. */
async function take(tx: Transaction, deliveryId: string): Promise<Taken> {
  const parcel = await claimDelivery(tx, deliveryId);
  if (!parcel) return { waiting: await findWaiting(tx, [deliveryId]) };
  const wanted = wantedStill(parcel, await sourcesOf(tx, parcel), new Date());
  if ('now' in wanted) return { parcel };
  return { waiting: await settle(tx, [parcel], settlementOfUnwanted(wanted)) };
}

async function sourcesOf(tx: Transaction, parcel: Parcel): Promise<Sources | undefined> {
  if (!hasWaited(parcel)) return undefined;
  const { user_id } = parcel.recipient;
  return (await findPreferences(tx, [user_id], parcel.notification.type))?.people.get(user_id);
}
