import { Injectable } from '@nestjs/common';
import { NIL } from 'uuid';
import { RelayPool } from '#database';
import {
  type ClaimedEvent,
  type Share,
  claimDue,
  countOldest,
  deleteClaimed,
  moveToDeadLetters,
  postponeClaimed,
  renewLeases,
  visitOrganizations,
} from './outbox.queries.js';

/** How many of the oldest due events are read to find the organizations that have some. */
const MAX_OLDEST_EVENTS = 500;

/** How many organizations one scan visits, if the oldest due events may not show all of them. */
const MAX_SCANNED_ORGANIZATIONS = 1000;

/**
 * The queue of events, for the relay. Events are claimed, not read by a cursor, because transactions commit out of
 * order.
 */
@Injectable()
export class Outbox {
  /** The organization at which the last scan ended. */
  private scannedTo: string = NIL;

  constructor(private readonly relay: RelayPool) {}

  /**
   * Returns organizations with due events. If so many are due that the oldest may all belong to a few organizations, a
   * scan finds others. It goes from one organization to the next, and continues where the last scan ended.
   */
  async findOrganizations(): Promise<string[]> {
    const oldest = await countOldest(this.relay, MAX_OLDEST_EVENTS);
    const found = oldest.map(({ organization_id }) => organization_id);
    const isAll = oldest.reduce((sum, { events }) => sum + events, 0) < MAX_OLDEST_EVENTS;
    return isAll ? found : [...new Set([...found, ...(await this.scan())])];
  }

  /** Claims the oldest due events of each organization, except those of types that this worker does not know. */
  async claim(shares: Share[], types: string[]): Promise<ClaimedEvent[]> {
    if (shares.length === 0) return [];
    const events = await claimDue(this.relay, shares, types);
    return events.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** Visits the next organizations, and returns those whose first event is due. */
  private async scan(): Promise<string[]> {
    const visited = await visitOrganizations(this.relay, this.scannedTo, MAX_SCANNED_ORGANIZATIONS);
    this.scannedTo = visited.length < MAX_SCANNED_ORGANIZATIONS ? NIL : visited.at(-1)!.organization_id;
    return visited.filter(({ is_due }) => is_due).map(({ organization_id }) => organization_id);
  }

  /** Extends the leases of events that take longer to handle than a lease lasts. */
  async renew(events: ClaimedEvent[]): Promise<void> {
    const renewed = await renewLeases(this.relay, events);
    const runAtOf = new Map(renewed.map(({ id, runAt }) => [id, runAt]));
    for (const event of events) event.runAt = runAtOf.get(event.id) ?? event.runAt;
  }

  async deleteHandled(events: ClaimedEvent[]): Promise<void> {
    if (events.length > 0) await deleteClaimed(this.relay, events);
  }

  async postpone(event: ClaimedEvent, seconds: number, error: string): Promise<void> {
    await postponeClaimed(this.relay, event, seconds, error);
  }

  async moveToDeadLetters(event: ClaimedEvent, error: string): Promise<void> {
    await moveToDeadLetters(this.relay, event, error);
  }
}
