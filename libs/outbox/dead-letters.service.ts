import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, type PageBefore } from '#database';
import {
  type DeadLetterFilter,
  countDeadLetters,
  listDeadLetters,
  requeue,
  requeueOldest,
} from './dead-letters.queries.js';
import type { DeadLetter } from './outbox.entities.js';
import { MAX_COUNTED } from './outbox-backlog.js';
import type { Caller } from '#identity';
import { notFound } from '#problem';

const MAX_RETRIED = 1000;

/** The dead letters of an organization. */
@Injectable()
export class DeadLettersService {
  constructor(private readonly database: Database) {}

  list(caller: Caller, page: PageBefore): Promise<DeadLetter[]> {
    return this.database.tenantTransaction(caller, (tx) => listDeadLetters(tx, page));
  }

  /** Moves the oldest dead letters back to the outbox, at most 1,000: the caller repeats this while some remain. */
  retryMany(caller: Caller, filter: DeadLetterFilter): Promise<{ retried: number; remaining: number }> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const retried = await requeueOldest(tx, filter, MAX_RETRIED);
      const remaining = await countDeadLetters(tx, filter, MAX_COUNTED);
      await audit(tx, caller, {
        action: 'dead_letter.retry_many',
        targetType: 'event',
        targetId: filter.type ?? 'all',
        details: { before: filter.before, retried },
      });
      return { retried, remaining };
    });
  }

  /** Moves the event back to the outbox with its id, by which handlers recognise effects of earlier attempts. */
  async retry(caller: Caller, id: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      if (!(await requeue(tx, id))) throw notFound();
      await audit(tx, caller, { action: 'dead_letter.retry', targetType: 'event', targetId: id });
    });
  }
}
