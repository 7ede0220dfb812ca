import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, Jobs, type Transaction } from '#database';
import { WHOLE_ORGANIZATION } from '#identity';
import { findOverview } from '#preferences';
import { claimDigest } from './claiming.repository.js';
import { DIGESTS_QUEUE, Departures, type DigestJob } from './departures.js';
import { EmailCarrier } from './email-carrier.js';
import type { Outcome, Parcel } from './parcel.js';
import { findWaitingDigests } from './planning.repository.js';
import { settlementOf } from './retries.js';
import { attempt } from './sending.js';
import { markMailed, settle } from './settling.repository.js';
import { settlementOfUnwanted, wantedStill } from './wanted.js';

const HANDS = { most: 2 };

/** As many as one mail tells of; the rest comes in another, right after. */
const MOST = 200;

/** Sends what has been gathered of one person, as one mail. */
@Injectable()
export class DigestDispatcher implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
    private readonly departures: Departures,
    private readonly carrier: EmailCarrier,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.work(DIGESTS_QUEUE, HANDS, (job, signal) => this.dispatch(job as DigestJob, signal));
  }

  private async dispatch({ organizationId, userId }: DigestJob, signal: AbortSignal): Promise<void> {
    const parcels = await this.inOrganization(organizationId, (tx) => take(tx, userId));
    if (parcels.length > 0) {
      const outcome = await attempt((limit) => this.carrier.sendTogether(parcels, limit), signal);
      await this.inOrganization(organizationId, (tx) => settleAll(tx, parcels, outcome));
    }
    // What was too much, what failed, and what a worker holds that may be dead.
    const waiting = await this.inOrganization(organizationId, (tx) => findWaitingDigests(tx, userId));
    await this.departures.schedule(organizationId, waiting);
  }

  private inOrganization<T>(organizationId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, work);
  }
}

/** The parcels that are due and still wanted; the others are settled. */
async function take(tx: Transaction, userId: string): Promise<Parcel[]> {
  const parcels = await claimDigest(tx, userId, MOST);
  if (parcels.length === 0) return [];
  const { types, ...choices } = await findOverview(tx, userId);
  const now = new Date();
  const judged = parcels.map((parcel) => {
    const type = types.get(parcel.notification.type);
    return { parcel, wanted: wantedStill(parcel, type && { ...choices, type }, now) };
  });
  // Few verdicts, of however many: one statement each.
  for (const alike of Map.groupBy(judged, ({ wanted }) => JSON.stringify(wanted)).values()) {
    const { wanted } = alike[0]!;
    if ('now' in wanted) continue;
    await settle(
      tx,
      alike.map(({ parcel }) => parcel),
      settlementOfUnwanted(wanted),
    );
  }
  return judged.filter(({ wanted }) => 'now' in wanted).map(({ parcel }) => parcel);
}

/** Those that began together go on together, so that none has fewer attempts than it should. */
async function settleAll(tx: Transaction, parcels: Parcel[], outcome: Outcome): Promise<void> {
  if (outcome.status === 'sent') {
    await markMailed(
      tx,
      parcels.map(({ notification }) => notification.id),
    );
  }
  const now = new Date();
  for (const [attempts, together] of Map.groupBy(parcels, ({ delivery }) => delivery.attempts)) {
    await settle(tx, together, settlementOf(outcome, { channel: 'email', attempts }, now));
  }
}
