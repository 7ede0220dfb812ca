import { blockedBy, blockersOf } from '#blocking';
import { type RelayPool, type RetentionRule, type Transaction, retentionBy } from '#database';
import type { ErasureStep } from '#identity';
import { SHOWS_PRESENCE } from '#preferences';

export type PresenceState = 'online' | 'away' | 'offline';

/** Groups with more people have no presence. */
const MAX_PARTICIPANTS = 100;

/** With a renewal every 30 s and a look every 4 s, people of a killed process are offline within 60 s. */
const LEASE_SECONDS = 55;

const isLive = (lease: string): string =>
  `(${lease}.state <> 'offline' AND ${lease}.last_seen_at > clock_timestamp() - interval '${LEASE_SECONDS} seconds')`;

export interface SavedLeases {
  /** Whether the organization shows presence. Without it, nothing is written. */
  isOn: boolean;
  /** Who has a lease: not those who appear offline. */
  leased: string[];
}

/**
 * The lock orders leases before or after a block: see "Typing and presence leave no trace" in docs/architecture.md. COMMIT
 * is sent together with the statements, so that the lock is held for a moment only.
 */
export async function saveLeases(
  tx: Transaction,
  processId: string,
  states: Map<string, PresenceState>,
): Promise<SavedLeases> {
  const values = [tx.organizationId, processId, [...states.keys()]];
  const [, [setting], leased] = await Promise.all([
    tx.lockAllShared(['presence']),
    tx.query<{ is_on: boolean }>(`SELECT ${SHOWS_PRESENCE} AS is_on`, [tx.organizationId]),
    tx.query<{ user_id: string }>(
      `INSERT INTO presence (organization_id, user_id, process_id, state, last_seen_at)
       SELECT $1, asked.user_id, $2, asked.state, clock_timestamp()
       FROM unnest($3::uuid[], $4::text[]) AS asked (user_id, state)
       CROSS JOIN LATERAL (
         SELECT FROM members WHERE organization_id = $1 AND members.user_id = asked.user_id
           AND removed_at IS NULL AND NOT appear_offline OFFSET 0) AS member
       WHERE asked.state <> 'offline' AND (SELECT ${SHOWS_PRESENCE})
       ON CONFLICT (organization_id, user_id, process_id) DO UPDATE
       SET state = excluded.state, last_seen_at = excluded.last_seen_at
       RETURNING user_id`,
      [...values, [...states.values()]],
    ),
    tx.query(
      `UPDATE presence SET state = 'offline', last_seen_at = clock_timestamp()
       FROM unnest($3::uuid[], $4::text[]) AS asked (user_id, state)
       WHERE organization_id = $1 AND process_id = $2 AND presence.user_id = asked.user_id
         AND asked.state = 'offline' AND ${isLive('presence')}`,
      [...values, [...states.values()]],
    ),
    // Of processes that are gone.
    tx.query(
      `DELETE FROM presence AS old USING presence AS mine
       WHERE mine.organization_id = $1 AND mine.process_id = $2 AND mine.user_id = ANY ($3) AND ${isLive('mine')}
         AND old.organization_id = $1 AND old.user_id = mine.user_id AND old.process_id <> $2
         AND NOT ${isLive('old')}`,
      values,
    ),
    tx.commit(),
  ]);
  return { isOn: setting!.is_on, leased: leased.map(({ user_id }) => user_id) };
}

/** Renews all leases of a process in one statement. Returns how many there are. */
export async function renewLeases(relay: RelayPool, processId: string): Promise<number> {
  const [row] = await relay.query<{ count: number }>('SELECT renew_presence($1) AS count', [processId]);
  return row!.count;
}

export interface SeenPerson {
  user_id: string;
  state: PresenceState;
  /** When an offline person was last connected. null if that is not known. */
  last_seen_at: Date | null;
}

export interface SeenPresence {
  isOn: boolean;
  /** All participants of each thread. */
  people: (SeenPerson & { thread_id: string })[];
  /** Whom a viewer sees as offline because one has blocked the other, with when they were last connected before. */
  blocks: { viewer_id: string; user_id: string; last_seen_at: Date | null }[];
}

/**
 * The presence of the participants of these threads. For organization-wide scope: the caller must leave out threads that
 * a viewer is not in. Blocks are read after presence, so that a new one always counts.
 */
export async function findPresence(
  tx: Transaction,
  threadIds: string[],
  viewerIds: string[],
): Promise<SeenPresence> {
  const [[setting], people, blocks] = await Promise.all([
    tx.query<{ is_on: boolean }>(`SELECT ${SHOWS_PRESENCE} AS is_on`, [tx.organizationId]),
    tx.query<SeenPresence['people'][number]>(
      `SELECT shown.thread_id, part.user_id, seen.state,
              CASE seen.state WHEN 'offline' THEN seen.last_seen_at END AS last_seen_at
       FROM unnest($2::uuid[]) AS shown (thread_id)
       CROSS JOIN LATERAL (
         SELECT FROM threads WHERE organization_id = $1 AND id = shown.thread_id
           AND participant_count <= ${MAX_PARTICIPANTS} OFFSET 0) AS thread
       CROSS JOIN LATERAL (
         SELECT user_id FROM participants
         WHERE organization_id = $1 AND thread_id = shown.thread_id AND left_at IS NULL OFFSET 0) AS part
       CROSS JOIN LATERAL (
         SELECT FROM members
         WHERE organization_id = $1 AND user_id = part.user_id AND removed_at IS NULL OFFSET 0) AS member
       CROSS JOIN LATERAL (
         SELECT CASE WHEN bool_or(state = 'online' AND ${isLive('presence')}) THEN 'online'
                     WHEN bool_or(${isLive('presence')}) THEN 'away' ELSE 'offline' END AS state,
                max(last_seen_at) AS last_seen_at
         FROM presence WHERE organization_id = $1 AND user_id = part.user_id) AS seen
       WHERE (SELECT ${SHOWS_PRESENCE})`,
      [tx.organizationId, threadIds],
    ),
    tx.query<SeenPresence['blocks'][number]>(
      `SELECT pair.viewer_id, pair.user_id, kept.last_seen_at
       FROM (
         SELECT viewer.id, blocked.blocked_id FROM unnest($2::uuid[]) AS viewer (id)
         CROSS JOIN LATERAL (${blockedBy('viewer.id')}) AS blocked
         UNION
         SELECT viewer.id, blocker.blocker_id FROM unnest($2::uuid[]) AS viewer (id)
         CROSS JOIN LATERAL (${blockersOf('viewer.id')}) AS blocker
       ) AS pair (viewer_id, user_id)
       LEFT JOIN LATERAL (
         SELECT last_seen_at FROM presence_at_block AS kept
         WHERE kept.organization_id = $1 AND kept.viewer_id = pair.viewer_id AND kept.user_id = pair.user_id
         OFFSET 0) AS kept ON true
       WHERE (SELECT ${SHOWS_PRESENCE})`,
      [tx.organizationId, viewerIds],
    ),
  ]);
  return { isOn: setting!.is_on, people, blocks };
}

export const REALTIME_RETENTION: RetentionRule[] = [
  retentionBy('presence', 'last_seen_at', ['user_id', 'process_id']),
  retentionBy('presence_at_block', 'last_seen_at', ['viewer_id', 'user_id']),
];

/** After the blocks, whose trigger deletes what was kept of both. */
export const erasePresence: ErasureStep = async (tx, userId, limit) => {
  const gone = await tx.query(
    `DELETE FROM presence WHERE organization_id = $1 AND (user_id, process_id) IN (
       SELECT user_id, process_id FROM presence WHERE organization_id = $1 AND user_id = $2 LIMIT $3)
     RETURNING true`,
    [tx.organizationId, userId, limit],
  );
  return { rows: gone.length, isMore: gone.length >= limit };
};
