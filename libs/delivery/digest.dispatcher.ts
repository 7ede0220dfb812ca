import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { WHOLE_ORGANIZATION } from '#identity';
import { findOverview } from '#preferences';
import { readClaimed } from './claiming.repository.js';
import type { Unit } from './delivery-queue.js';
import { DeliveryQueues } from './delivery-queues.js';
import { EmailCarrier } from './email-carrier.js';
import type { Outcome, Parcel } from './parcel.js';
import type { ClaimedRow } from './queue-claims.repository.js';
import { settlementOf } from './retries.js';
import { attempt } from './sending.js';
import { markMailed, release, settle } from './settling.repository.js';
import { settlementOfUnwanted, wantedStill } from './wanted.js';

const ofOnePerson = (rows: ClaimedRow[]): Unit[] =>
  [
    ...Map.groupBy(rows, ({ organization_id, user_id }) => `${organization_id} ${user_id}`).values(),
  ] as Unit[];

/** Sends what has been gathered of one person, as one mail. */
@Injectable()
export class DigestDispatcher implements OnApplicationBootstrap {
  constructor(
    private readonly queues: DeliveryQueues,
    private readonly database: Database,
    private readonly carrier: EmailCarrier,
  ) {}

  onApplicationBootstrap(): void {
    this.queues.work('digest', {
      unitsOf: ofOnePerson,
      handle: (rows, signal) => this.dispatch(rows, signal),
    });
  }

  private async dispatch(rows: Unit, signal: AbortSignal): Promise<void> {
    const organizationId = rows[0].organization_id;
    const parcels = await this.inOrganization(organizationId, (tx) => take(tx, rows));
    if (parcels.length === 0) return;
    let outcome: Outcome;
    try {
      outcome = await attempt((limit) => this.carrier.sendTogether(parcels, limit), signal);
    } catch (error) {
      await this.inOrganization(organizationId, (tx) => release(tx, parcels));
      throw error;
    }
    await this.inOrganization(organizationId, (tx) => settleAll(tx, parcels, outcome));
  }

  private inOrganization<T>(organizationId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, work);
  }
}

/** The parcels that are due and still wanted; the others are settled. */
async function take(tx: Transaction, rows: Unit): Promise<Parcel[]> {
  const parcels = await readClaimed(tx, rows);
  if (parcels.length === 0) return [];
  const { types, ...choices } = await findOverview(tx, rows[0].user_id);
  const judged = parcels.map((parcel) => {
    const type = types.get(parcel.notification.type);
    return { parcel, wanted: wantedStill(parcel, type && { ...choices, type }) };
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
  for (const [attempts, together] of Map.groupBy(parcels, ({ delivery }) => delivery.attempts)) {
    await settle(tx, together, settlementOf(outcome, { channel: 'email', attempts }));
  }
}
