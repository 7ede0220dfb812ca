import type { Transaction } from '#database';
import { type PersonCaller, isId, usernameKey } from '#identity';
import { Problem, notFound } from '#problem';
import { type Allows, type Reach, defaultRule, refusalOf } from './reach.js';

export interface Reachable extends Reach {
  userId: string;
  username: string;
  /** Of whoever asks. */
  ownUsername: string;
  /** Of the direct thread with them, if there is one. */
  threadId: string | null;
}

interface ReachRow {
  user_id: string;
  username: string;
  username_key: string;
  own_username: string;
  removed: boolean;
  blocked_by_me: boolean;
  blocks_me: boolean;
  accepts_messages_from: Reach['acceptsMessagesFrom'];
  known: boolean;
  from_role: string;
  to_role: string | null;
  allows: Allows | null;
  reply_window_days: number | null;
  wrote_at: Date | null;
  thread_id: string | null;
}

/** One query for one person or a thousand, and it reads the same whether one of them blocks me or not. */
const REACH = `
  SELECT other.user_id, other.username, other.username_key, me.username AS own_username, other.removed_at IS NOT NULL AS removed,
         EXISTS (SELECT FROM blocks WHERE blocks.organization_id = $1 AND blocks.blocker_id = $2
                                      AND blocks.blocked_id = other.user_id) AS blocked_by_me,
         other.user_id IN (SELECT app_blockers()) AS blocks_me,
         other.accepts_messages_from,
         theirs.last_sent_at IS NOT NULL OR EXISTS (
           SELECT FROM participants AS mine JOIN participants AS written
             ON written.organization_id = $1 AND written.thread_id = mine.thread_id
                AND written.user_id = other.user_id AND written.last_sent_at IS NOT NULL
           WHERE other.accepts_messages_from = 'known' AND mine.organization_id = $1 AND mine.user_id = $2
             AND mine.partner_id IS NULL AND mine.left_at IS NULL) AS known,
         me.role AS from_role, other.role AS to_role, rule.allows, rule.reply_window_days,
         theirs.last_sent_at AS wrote_at, threads.id AS thread_id
  FROM members AS me
  JOIN members AS other ON other.organization_id = $1
  LEFT JOIN messaging_rules AS rule
    ON rule.organization_id = $1 AND rule.from_role = me.role AND rule.to_role = other.role
  LEFT JOIN threads ON threads.organization_id = $1 AND threads.kind = 'direct'
    AND threads.pair_low = least(other.user_id, $2) AND threads.pair_high = greatest(other.user_id, $2)
  LEFT JOIN participants AS theirs
    ON theirs.organization_id = $1 AND theirs.thread_id = threads.id AND theirs.user_id = other.user_id
  WHERE me.organization_id = $1 AND me.user_id = $2`;

/** Everything about writing to these people, each named by id or username, in the order in which they are named. */
export async function findReach(
  tx: Transaction,
  caller: PersonCaller,
  persons: string[],
): Promise<(Reachable | undefined)[]> {
  const ids = persons.filter(isId).map((id) => id.toLowerCase());
  const usernames = persons.filter((person) => !isId(person)).map(usernameKey);
  const [byId, byUsername] = await Promise.all([
    ids.length === 0
      ? []
      : tx.query<ReachRow>(`${REACH} AND other.user_id = ANY ($3)`, [...base(tx, caller), ids]),
    usernames.length === 0
      ? []
      : tx.query<ReachRow>(`${REACH} AND other.removed_at IS NULL AND other.username_key = ANY ($3)`, [
          ...base(tx, caller),
          usernames,
        ]),
  ]);
  const found = new Map<string, Reachable>();
  for (const row of byId) found.set(row.user_id, toReachable(row));
  for (const row of byUsername) found.set(row.username_key, toReachable(row));
  return persons.map((person) => found.get(isId(person) ? person.toLowerCase() : usernameKey(person)));
}

/** The same about the other one of a direct thread. */
export async function findPartnerReach(
  tx: Transaction,
  caller: PersonCaller,
  threadId: string,
): Promise<Reachable | undefined> {
  const [row] = await tx.query<ReachRow>(
    `${REACH} AND other.user_id = (SELECT partner_id FROM participants
       WHERE participants.organization_id = $1 AND participants.thread_id = $3 AND participants.user_id = $2)`,
    [...base(tx, caller), threadId],
  );
  return row && toReachable(row);
}

const base = (tx: Transaction, { userId }: PersonCaller): [string, string] => [tx.organizationId, userId];

function toReachable(row: ReachRow): Reachable {
  return {
    userId: row.user_id,
    username: row.username,
    ownUsername: row.own_username,
    threadId: row.thread_id,
    removed: row.removed,
    blockedByMe: row.blocked_by_me,
    blocksMe: row.blocks_me,
    acceptsMessagesFrom: row.accepts_messages_from,
    known: row.known,
    rule: row.allows
      ? { allows: row.allows, replyWindowDays: row.reply_window_days }
      : defaultRule(row.from_role, row.to_role ?? ''),
    wroteAt: row.wrote_at,
  };
}

/** The person whom a request names. Naming oneself is a mistake, naming nobody here finds nothing. */
export async function reachOne(tx: Transaction, caller: PersonCaller, person: string): Promise<Reachable> {
  const [reachable] = await findReach(tx, caller, [person]);
  if (!reachable) throw notFound();
  if (reachable.userId === caller.userId) {
    throw new Problem('validation_failed', 'You cannot write to yourself.');
  }
  return reachable;
}

export function assertReachable(reach: Reach): void {
  const refusal = refusalOf(reach, new Date());
  if (refusal) throw new Problem(refusal);
}
