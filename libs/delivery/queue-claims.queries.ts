import { NIL } from 'uuid';
import type { RelayPool } from '#database';
import type { SentChannel } from '#outbound';
import { type QueueName, organizationsDue, ringOf } from './queue-scan.queries.js';

/** How long a claimed delivery belongs to its worker. After that the worker counts as dead. */
export const LEASE_SECONDS = 55;

/** The maximum number of notifications in one digest mail. The rest follows in another one. */
const DIGEST_SIZE = 200;

/** How many due rows of an organization are read to find some whose target is free. */
const LOOKAHEAD = 30;
const DIGEST_LOOKAHEAD = 100;

/** How many targets of an organization are checked if its first due rows all have busy targets. */
const TARGETS = 100;

export interface ClaimRequest {
  urgent: boolean;
  /** The maximum number of units: deliveries or digests. */
  limit: number;
  /** How many an organization may have in progress in this process. */
  organizationLimit: number;
  /** How many each organization has in progress. */
  inProgress: Map<string, number>;
  /** The organization after which the scan continues. */
  cursor: string;
}

export interface ClaimedRow {
  organization_id: string;
  user_id: string;
  id: string;
  attempts: number;
}

export interface Claims {
  rows: ClaimedRow[];
  /** Where the next scan continues. null if all organizations were scanned. */
  cursor: string | null;
}

interface ClaimResult {
  rows: ClaimedRow[] | null;
  cursor: string | null;
}

/** How many deliveries may be sent to one target concurrently, by all workers. */
const TARGET_LIMIT = 2;

type LimitedChannel = Exclude<SentChannel, 'email'>;

/** The target of web push is the person: they choose the addresses of up to 20 browsers, which may all hang. */
const TARGET: Record<LimitedChannel, 'target_id' | 'user_id'> = { webhook: 'target_id', web_push: 'user_id' };

const isUnleased = `(leased_until IS NULL OR leased_until <= now())`;
const isFree = `due_at <= now() AND ${isUnleased}`;
/** The same condition where an index by time must not be used: IS TRUE hides it from the planner. */
const isFreeByKey = `(due_at <= now()) IS TRUE AND ${isUnleased}`;

/**
 * The due rows of one organization, target or person, in order of due_at. They are compared as a pair, so that only
 * an index on this column and due_at matches. A plan lasts as long as its connection: one made while nothing was due
 * would use the index on due_at alone and read the backlog of all organizations.
 */
const firstDue = (column: string, value: string, limit: number | string): string => `
  (${column}, due_at) >= (${value}, '-infinity'::timestamptz) AND (${column}, due_at) <= (${value}, now())
  AND ${isUnleased} ORDER BY ${column}, due_at LIMIT ${limit}`;

/**
 * Claims due deliveries under a lease, taking turns between organizations. Only the clock of the database counts, so
 * workers need no synchronized clocks.
 */
export async function claimDue(
  relay: RelayPool,
  queue: QueueName,
  { urgent, limit, organizationLimit, inProgress, cursor }: ClaimRequest,
): Promise<Claims> {
  const values = [
    limit,
    organizationLimit,
    [...inProgress.keys()],
    [...inProgress.values()],
    cursor,
    LEASE_SECONDS,
  ];
  const name = `claim ${urgent ? 'urgent ' : ''}${queue}`;
  const [answer] = await relay.exclusively<ClaimResult>(`deliveries ${queue}`, {
    name,
    text: statementOf(queue, urgent),
    values,
  });
  return { rows: answer!.rows ?? [], cursor: answer!.cursor };
}

const statements = new Map<string, string>();

function statementOf(queue: QueueName, urgent: boolean): string {
  const key = `${queue} ${urgent}`;
  const known = statements.get(key) ?? (queue === 'digest' ? digests() : deliveriesOf(queue, urgent));
  statements.set(key, known);
  return known;
}

/** Organizations with fewer deliveries in progress come first, and within an organization the oldest deliveries. */
const PICKED = `
  held AS (SELECT * FROM unnest($3::uuid[], $4::integer[]) AS held (organization_id, count)),
  ranked AS (
    SELECT candidate.*, coalesce(held.count, 0) + row_number() OVER (
             PARTITION BY candidate.organization_id ORDER BY candidate.due_at, candidate.id) AS rank
    FROM candidate LEFT JOIN held ON held.organization_id = candidate.organization_id),
  picked AS MATERIALIZED (
    SELECT * FROM ranked WHERE rank <= $2 ORDER BY rank, due_at, id LIMIT $1)`;

const RESULT = `
  SELECT (SELECT json_agg(claimed ORDER BY claimed.id) FROM claimed) AS rows, (SELECT next FROM progress) AS cursor`;

const LEASED = `attempts = deliveries.attempts + 1, leased_until = now() + make_interval(secs => $6)`;

/** OFFSET 0 looks each row up by its key. */
const claimed = (ids: string): string => `
  claimed AS (
    UPDATE deliveries SET ${LEASED}
    FROM (SELECT mine.organization_id, mine.id FROM picked CROSS JOIN LATERAL (${ids}) AS mine) AS mine
    WHERE deliveries.organization_id = ANY (ARRAY[mine.organization_id]) AND deliveries.id = ANY (ARRAY[mine.id])
    RETURNING deliveries.organization_id, deliveries.user_id, deliveries.id, deliveries.attempts)`;

function deliveriesOf(channel: SentChannel, urgent: boolean): string {
  const inQueue = `status = 'waiting' AND digest IS NULL AND channel = '${channel}' AND urgent = ${urgent}`;
  const isLimited = channel !== 'email';
  return `
    WITH RECURSIVE ${organizationsDue({ inQueue, isFree })},
    first AS (
      SELECT organization.organization_id, own.* FROM organization CROSS JOIN LATERAL (
        SELECT id, target_id, user_id, due_at FROM deliveries
        WHERE ${inQueue} AND ${firstDue('organization_id', 'organization.organization_id', isLimited ? LOOKAHEAD : '$2')}) AS own),
    candidate AS (${isLimited ? ofFreeTargets(channel, TARGET[channel], inQueue) : 'SELECT * FROM first'}),
    ${PICKED},
    ${claimed(`SELECT organization_id, id FROM deliveries
      WHERE organization_id = picked.organization_id AND id = picked.id AND status = 'waiting' AND ${isFreeByKey}
      OFFSET 0 FOR UPDATE SKIP LOCKED`)}
    ${RESULT}`;
}

/**
 * Leaves out busy targets. If the first rows of an organization all have busy targets, the first rows of each of its
 * targets are read instead. To skip the rows of a hanging target one by one would read its whole backlog.
 */
const ofFreeTargets = (channel: LimitedChannel, target: 'target_id' | 'user_id', inQueue: string): string => `
  SELECT organization_id, id, due_at FROM (
    SELECT found.*, row_number() OVER (
             PARTITION BY found.organization_id, found.${target} ORDER BY found.due_at, found.id) AS turn
    FROM (
      SELECT first.organization_id, first.id, first.${target}, first.due_at FROM first
      UNION
      SELECT more.organization_id, own.id, own.${target}, own.due_at
      FROM (SELECT organization_id FROM first GROUP BY 1 HAVING count(*) = ${LOOKAHEAD}) AS more
      CROSS JOIN LATERAL (${ringOf(target, {
        inQueue: `${inQueue} AND organization_id = more.organization_id`,
        start: `'${NIL}'`,
        steps: TARGETS,
      })}) AS target
      CROSS JOIN LATERAL (
        SELECT id, ${target}, due_at FROM deliveries
        WHERE ${inQueue} AND organization_id = more.organization_id
          AND ${firstDue(target, `target.${target}`, TARGET_LIMIT)}) AS own
      WHERE target.due_at <= now()) AS found) AS turns
  WHERE turn + (
    SELECT count(*) FROM deliveries AS busy
    WHERE busy.channel = '${channel}' AND busy.status = 'waiting'
      AND busy.organization_id = turns.organization_id AND busy.${target} = turns.${target}
      AND busy.leased_until IS NOT NULL AND busy.leased_until > now()) <= ${TARGET_LIMIT}`;

/** One unit is everything that is due for one person. */
function digests(): string {
  const inQueue = `status = 'waiting' AND digest IS NOT NULL`;
  return `
    WITH RECURSIVE ${organizationsDue({ inQueue, isFree })},
    candidate AS (
      SELECT organization.organization_id, first.user_id AS id, min(first.due_at) AS due_at FROM organization
      CROSS JOIN LATERAL (
        SELECT user_id, due_at FROM deliveries
        WHERE ${inQueue} AND ${firstDue('organization_id', 'organization.organization_id', DIGEST_LOOKAHEAD)}) AS first
      GROUP BY 1, 2),
    ${PICKED},
    ${claimed(`SELECT organization_id, id FROM deliveries
      WHERE user_id = picked.id AND organization_id = picked.organization_id AND ${inQueue} AND ${isFreeByKey}
      ORDER BY id LIMIT ${DIGEST_SIZE} FOR UPDATE SKIP LOCKED`)}
    ${RESULT}`;
}
