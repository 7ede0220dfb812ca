import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, Parameters, type Transaction } from '#database';
import type { DeadLetter } from './outbox.entities.js';
import { MAX_COUNTED } from './outbox-backlog.js';
import type { Caller } from '#identity';
import { notFound } from '#problem';

const MAX_RETRIED = 1000;

export interface DeadLetterFilter {
  type?: string;
  /** Only events that became dead letters before this time. */
  before?: Date;
}

/** The dead letters of an organization. */
@Injectable()
export class DeadLettersService {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(caller: Caller, { limit, before }: { limit: number; before?: string }): Promise<DeadLetter[]> {
    return this.database.tenantTransaction(caller, (tx) => {
      const parameters = new Parameters(tx.organizationId, limit);
      return tx.query<DeadLetter>(
        `SELECT * FROM dead_letters WHERE organization_id = $1 ${parameters.optional('AND id <', before).join('')}
         ORDER BY id DESC LIMIT $2`,
        parameters.values,
      );
    });
  }

  /** Moves the oldest dead letters back to the outbox, at most 1,000: the caller repeats this while some remain. */
  retryMany(caller: Caller, filter: DeadLetterFilter): Promise<{ retried: number; remaining: number }> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const { condition, values } = conditionOf(tx, filter);
      const [moved] = await tx.query<{ retried: number }>(
        `WITH moved AS (
           DELETE FROM dead_letters WHERE organization_id = $1 AND id IN (
             SELECT id FROM dead_letters WHERE ${condition} ORDER BY failed_at LIMIT ${MAX_RETRIED})
           RETURNING id, type, payload, created_at
         ), queued AS (
           INSERT INTO outbox (organization_id, id, type, payload, created_at)
           SELECT $1, id, type, payload, created_at FROM moved
         )
         SELECT count(*)::integer AS retried FROM moved`,
        values,
      );
      const [left] = await tx.query<{ remaining: number }>(
        `SELECT count(*)::integer AS remaining
         FROM (SELECT FROM dead_letters WHERE ${condition} LIMIT ${MAX_COUNTED}) AS remaining`,
        values,
      );
      const { retried } = moved!;
      await audit(tx, caller, {
        action: 'dead_letter.retry_many',
        targetType: 'event',
        targetId: filter.type ?? 'all',
        details: { before: filter.before, retried },
      });
      return { retried, remaining: left!.remaining };
    });
  }

  /** Moves the event back to the outbox with its id, by which handlers recognise effects of earlier attempts. */
  async retry(caller: Caller, id: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      const retried = await tx.query(
        `DELETE FROM dead_letters WHERE organization_id = $1 AND id = $2
         RETURNING id, type, payload, created_at`,
        [tx.organizationId, id],
      );
      if (retried.length === 0) throw notFound();
      await tx.query(
        `INSERT INTO outbox (organization_id, id, type, payload, created_at)
         SELECT $1, id, type, payload, created_at
         FROM jsonb_to_recordset($2) AS event (id uuid, type text, payload jsonb, created_at timestamptz)`,
        [tx.organizationId, JSON.stringify(retried)],
      );
      await audit(tx, caller, { action: 'dead_letter.retry', targetType: 'event', targetId: id });
    });
  }
}

/** Contains only the given filters, so that the condition uses an index. */
function conditionOf(tx: Transaction, { type, before }: DeadLetterFilter) {
  const parameters = new Parameters(tx.organizationId);
  const conditions = [
    'organization_id = $1',
    ...parameters.optional('type =', type),
    ...parameters.optional('failed_at <', before),
  ];
  return { condition: conditions.join(' AND '), values: parameters.values };
}
