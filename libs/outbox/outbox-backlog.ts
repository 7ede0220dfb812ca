import { Injectable } from '@nestjs/common';
import { RelayPool } from '#database';
import { type Backlog, countBacklog, postponeOthers } from './outbox.queries.js';

/** Counts stop here, so that reading them stays cheap. */
export const MAX_COUNTED = 10_000;

/** An event of an unknown type is left this long to a newer worker before it is postponed. */
const UNKNOWN_AFTER_SECONDS = 5;
const UNKNOWN_DELAY_SECONDS = 30;

/** The backlog of the outbox, of all organizations together. */
@Injectable()
export class OutboxBacklog {
  constructor(private readonly relay: RelayPool) {}

  read(types: string[]): Promise<Backlog> {
    return countBacklog(this.relay, types, MAX_COUNTED);
  }

  /**
   * Postpones overdue events of types that no worker knows, so that claims need not skip them each time. Their attempts
   * do not increase, and a worker of a newer version takes them once they are due again. Returns their types.
   */
  postponeUnknown(types: string[]): Promise<string[]> {
    return postponeOthers(this.relay, types, {
      after: UNKNOWN_AFTER_SECONDS,
      delay: UNKNOWN_DELAY_SECONDS,
      limit: MAX_COUNTED,
    });
  }
}
