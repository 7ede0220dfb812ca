import { Injectable } from '@nestjs/common';
import { Database, type Tenant } from './database.js';
import type { DeadLetter } from './entities.js';
import type { Transaction } from './transaction.js';

/** The events of an organization that could not be handled. */
@Injectable()
export class DeadLetters {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(caller: Tenant, { limit, before }: { limit: number; before?: string }): Promise<DeadLetter[]> {
    return this.database.tenantTransaction(caller, (tx) =>
      tx.query<DeadLetter>(
        `SELECT * FROM dead_letters WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3`,
        [tx.organizationId, before, limit],
      ),
    );
  }

  /** Puts it back with its id, by which what it has done already is recognised; false where there is none. */
  async retry(tx: Transaction, id: string): Promise<boolean> {
    const retried = await tx.query(
      'DELETE FROM dead_letters WHERE organization_id = $1 AND id = $2 RETURNING id, type, payload, created_at',
      [tx.organizationId, id],
    );
    if (retried.length === 0) return false;
    await tx.query(
      `INSERT INTO outbox (organization_id, id, type, payload, created_at)
       SELECT $1, id, type, payload, created_at
       FROM jsonb_to_recordset($2) AS event (id uuid, type text, payload jsonb, created_at timestamptz)`,
      [tx.organizationId, JSON.stringify(retried)],
    );
    return true;
  }
}
