import { v7 as uuid } from 'uuid';
import type { Transaction } from '#database';

/** Who did something: a person, a service with a key (for a person, or for itself), or the platform. */
export interface Actor {
  kind: 'person' | 'service' | 'platform';
  userId?: string;
  keyId?: string;
  requestId: string;
}

export interface AuditedAction {
  action: string;
  targetType: string;
  targetId: string;
  reason?: string;
  /** Ids and names of fields: never content, an e-mail address or a secret. */
  details?: Record<string, unknown>;
}

/** Written in the transaction of the deed, so that neither can be without the other. */
export async function audit(tx: Transaction, actor: Actor, deed: AuditedAction): Promise<void> {
  await tx.query(
    `INSERT INTO audit_entries (organization_id, id, actor_kind, user_id, api_key_id, action, target_type,
                                target_id, reason, details, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      tx.organizationId,
      uuid(),
      actor.kind,
      actor.userId,
      actor.keyId,
      deed.action,
      deed.targetType,
      deed.targetId,
      deed.reason,
      deed.details ?? {},
      actor.requestId,
    ],
  );
}
