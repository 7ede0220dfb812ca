import type { PageBefore, Transaction } from '#database';
import type { AuditEntry } from './audit-entry.entity.js';

/** Omitted fields are null. */
export type NewEntry = Pick<AuditEntry, 'id' | 'actor_kind' | 'action' | 'target_type' | 'target_id'> &
  Partial<AuditEntry>;

export async function insertEntries(tx: Transaction, entries: NewEntry[]): Promise<void> {
  await tx.query(
    `INSERT INTO audit_entries (organization_id, id, actor_kind, user_id, api_key_id, action, target_type,
                                target_id, reason, details, request_id)
     SELECT $1, id, actor_kind, user_id, api_key_id, action, target_type, target_id, reason, details, request_id
     FROM jsonb_to_recordset($2) AS entry (id uuid, actor_kind text, user_id uuid, api_key_id uuid, action text,
       target_type text, target_id text, reason text, details jsonb, request_id text)`,
    [tx.organizationId, JSON.stringify(entries)],
  );
}

/** Newest first. */
export const listEntries = (tx: Transaction, { limit, before }: PageBefore): Promise<AuditEntry[]> =>
  tx.query<AuditEntry>(
    `SELECT * FROM audit_entries
     WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC LIMIT $3`,
    [tx.organizationId, before, limit],
  );
