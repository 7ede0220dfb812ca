import { v7 as uuid } from 'uuid';
import type { Transaction } from '#database';
import { type NewEntry, insertEntries } from './audit.queries.js';

/** The caller of an audited action: a person, a service with a key (for a person or for itself), or the platform. */
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
  /** Ids and names of fields. It never contains content, e-mail addresses or secrets. */
  details?: Record<string, unknown>;
}

export interface AuditRecord {
  actor: Actor;
  deed: AuditedAction;
}

/** Writes the entry in the transaction of the action, so that both commit or neither. */
export const audit = (tx: Transaction, actor: Actor, deed: AuditedAction): Promise<void> =>
  auditAll(tx, [{ actor, deed }]);

/** Writes several entries in one statement. */
export async function auditAll(tx: Transaction, records: AuditRecord[]): Promise<void> {
  if (records.length > 0) await insertEntries(tx, records.map(rowOf));
}

const rowOf = ({ actor, deed }: AuditRecord): NewEntry => ({
  id: uuid(),
  actor_kind: actor.kind,
  user_id: actor.userId,
  api_key_id: actor.keyId,
  action: deed.action,
  target_type: deed.targetType,
  target_id: deed.targetId,
  reason: deed.reason,
  details: deed.details ?? {},
  request_id: actor.requestId,
});
