import { Injectable } from '@nestjs/common';
import { Database, RelayPool, type Transaction } from '#database';
import type { EventMap } from '#events';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';
import { type Choices, delayAt, findChoices, nextDigest } from '#preferences';
import { DeliveryQueues } from './delivery-queues.js';
import {
  type Delayed,
  LAST_ID,
  type Place,
  START,
  findDelayed,
  membersFrom,
  organizationsWaiting,
  reschedule,
} from './rescheduling.queries.js';

/** How many people and deliveries one transaction handles. A large organization is handled in parts. */
const PEOPLE = 500;
const DELIVERIES = 1000;

type Changed = EventMap['preferences.changed'];

/**
 * Reschedules deliveries that wait for the end of a pause or of quiet hours when these change. A delivery whose delay
 * has ended is released at once. Whether it is still wanted is decided when it is sent.
 */
@Injectable()
export class ReschedulingHandler {
  constructor(
    private readonly database: Database,
    private readonly relay: RelayPool,
    private readonly queues: DeliveryQueues,
  ) {}

  @OnOutboxEvent('preferences.changed')
  async changed({ organizationId, payload }: RecordedEvent<'preferences.changed'>): Promise<void> {
    const { user_id, everywhere } = payload;
    const organizationIds =
      everywhere && user_id ? await organizationsWaiting(this.relay, user_id) : [organizationId];
    for (const id of organizationIds) {
      await this.database.organizationTransaction(id, (tx) => reschedulePart(tx, payload));
    }
    this.queues.nudge();
  }
}

/** The next part is an event of its own, so that other organizations have a turn in between. */
async function reschedulePart(tx: Transaction, { user_id, after = START }: Changed): Promise<void> {
  const userIds = user_id ? [user_id] : await membersFrom(tx, after.user_id, PEOPLE);
  const delayed = await findDelayed(tx, userIds, after, DELIVERIES);
  const { now, people } = await findChoices(tx, [...new Set(delayed.map((one) => one.user_id))]);
  const rescheduled = delayed.map((one) => ({
    id: one.id,
    due_at: dueAt(one, people.get(one.user_id)!, now),
  }));
  await reschedule(tx, rescheduled);
  const next = nextPlace(userIds, delayed, user_id === null);
  if (next) tx.record('preferences.changed', { user_id, after: next });
}

function dueAt({ digest }: Delayed, choices: Choices, now: Date): Date | null {
  const until = delayAt(choices, now)?.until ?? null;
  return digest ? nextDigest(digest, choices, until ?? now) : until;
}

function nextPlace(userIds: string[], delayed: Delayed[], isOfMany: boolean): Place | null {
  const last = delayed.at(-1);
  if (last && delayed.length === DELIVERIES) return { user_id: last.user_id, delivery_id: last.id };
  const lastPerson = userIds.at(-1);
  return isOfMany && lastPerson && userIds.length === PEOPLE
    ? { user_id: lastPerson, delivery_id: LAST_ID }
    : null;
}
