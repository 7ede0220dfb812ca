import { v7 as uuid } from 'uuid';
import type { Transaction } from '#database';
import { type NewEntry, insertEntries } from './audit.queries.js';
import type { AUDITED_ACTIONS, AUDITED_TARGETS } from './audited.js';

/** The caller of an audited action: a person, a service with a key (for a person or for itself), or the platform. */
export interface Actor {
  kind: 'person' | 'service' | 'platform';
  userId?: string;
  keyId?: string;
  requestId: string;
}

export interface AuditedAction {
  action: (typeof AUDITED_ACTIONS)[number];
  targetType: (typeof AUDITED_TARGETS)[number];
  targetId: string;
  reason?: string;
  /** Ids and names of fields. It never contains content, e-mail addresses or secrets. */
  details?: Record<string, unknown>;
}

export interface AuditRecord {
  actor: Actor;
  action: AuditedAction;
}

/** Writes the entry in the transaction of the action, so that both commit or neither. */
export const audit = (tx: Transaction, actor: Actor, action: AuditedAction): Promise<void> =>
  auditAll(tx, [{ actor, action }]);

/** Writes several entries in one statement. */
export async function auditAll(tx: Transaction, records: AuditRecord[]): Promise<void> {
  if (records.length > 0) await insertEntries(tx, records.map(rowOf));
}

const rowOf = ({ actor, action }: AuditRecord): NewEntry => ({
  id: uuid(),
  actor_kind: actor.kind,
  user_id: actor.userId,
  api_key_id: actor.keyId,
  action: action.action,
  target_type: action.targetType,
  target_id: action.targetId,
  reason: action.reason,
  details: action.details ?? {},
  request_id: actor.requestId,
});
