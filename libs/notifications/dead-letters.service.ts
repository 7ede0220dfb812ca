import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, type DeadLetter } from '#database';
import type { Caller } from '#identity';
import { notFound } from '#problem';

/** The events of an organization that could not be handled, however often they were tried. */
@Injectable()
export class DeadLetters {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(caller: Caller, { limit, before }: { limit: number; before?: string }): Promise<DeadLetter[]> {
    return this.database.tenantTransaction(caller, (tx) =>
      tx.query<DeadLetter>(
        `SELECT * FROM dead_letters WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3`,
        [tx.organizationId, before, limit],
      ),
    );
  }

  /** Puts it back with its id, by which what it has done already is recognised. */
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
