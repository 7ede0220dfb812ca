/**
 * The event map: every fact that the outbox can carry, with what it says. Payloads are ids and plain values,
 * since a handler may run long after the rows have changed.
 */
export interface EventMap {
  'member.joined': { user_id: string };
  'member.removed': { user_id: string };
}

export type EventType = keyof EventMap;
