import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { markEmailed } from '#notifications';
import { findOverview } from '#preferences';
import { readClaimed } from './claimed.queries.js';
import type { Unit } from './delivery-queue.js';
import { DeliveryQueues } from './delivery-queues.js';
import { EmailSender } from '#email';
import type { SendOutcome, OutboundDelivery } from '#outbound';
import type { ClaimedRow } from './queue-claims.queries.js';
import { outcomeAfterSend } from './retries.js';
import { attempt } from './attempt.js';
import { release, recordOutcome } from './outcome.queries.js';
import { outcomeOfUnwanted, recheckBeforeSend } from './recheck.js';

const ofOnePerson = (rows: ClaimedRow[]): Unit[] =>
  [
    ...Map.groupBy(rows, ({ organization_id, user_id }) => `${organization_id} ${user_id}`).values(),
  ] as Unit[];

/** Sends the due deliveries of one person's digest as one mail. */
@Injectable()
export class DigestDispatcher implements OnApplicationBootstrap {
  constructor(
    private readonly queues: DeliveryQueues,
    private readonly database: Database,
    private readonly sender: EmailSender,
  ) {}

  onApplicationBootstrap(): void {
    this.queues.work('digest', {
      unitsOf: ofOnePerson,
      handle: (rows, signal) => this.dispatch(rows, signal),
    });
  }

  private async dispatch(rows: Unit, signal: AbortSignal): Promise<void> {
    const organizationId = rows[0].organization_id;
    const items = await this.database.organizationTransaction(organizationId, (tx) => take(tx, rows));
    if (items.length === 0) return;
    let outcome: SendOutcome;
    try {
      outcome = await attempt((limit) => this.sender.sendDigest(items, limit), signal);
    } catch (error) {
      await this.database.organizationTransaction(organizationId, (tx) => release(tx, items));
      throw error;
    }
    await this.database.organizationTransaction(organizationId, (tx) => recordOutcomes(tx, items, outcome));
  }
}

/** Returns the items that are due and still wanted, and records the outcome of the others. */
async function take(tx: Transaction, rows: Unit): Promise<OutboundDelivery[]> {
  const items = await readClaimed(tx, rows);
  if (items.length === 0) return [];
  const { types, ...choices } = await findOverview(tx, rows[0].user_id);
  const judged = items.map((item) => {
    const type = types.get(item.notification.type);
    return { item, wanted: recheckBeforeSend(item, type && { ...choices, type }) };
  });
  // There are few distinct verdicts for many items, so one statement per verdict is enough.
  for (const alike of Map.groupBy(judged, ({ wanted }) => JSON.stringify(wanted)).values()) {
    const { wanted } = alike[0]!;
    if ('now' in wanted) continue;
    await recordOutcome(
      tx,
      alike.map(({ item }) => item),
      outcomeOfUnwanted(wanted),
    );
  }
  return judged.filter(({ wanted }) => 'now' in wanted).map(({ item }) => item);
}

/** Groups items by their number of attempts, which decides when the next one is and whether it was the last. */
async function recordOutcomes(
  tx: Transaction,
  items: OutboundDelivery[],
  outcome: SendOutcome,
): Promise<void> {
  if (outcome.status === 'sent') {
    await markEmailed(
      tx,
      items.map(({ notification }) => notification.id),
    );
  }
  for (const [attempts, together] of Map.groupBy(items, ({ delivery }) => delivery.attempts)) {
    await recordOutcome(tx, together, outcomeAfterSend(outcome, { channel: 'email', attempts }));
  }
}
