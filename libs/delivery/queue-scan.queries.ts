import type { SentChannel } from '#outbound';

export type QueueName = SentChannel | 'digest';

/**
 * How many rows are read, in order of due_at, to find their organizations. If there are fewer, these are all due
 * rows.
 */
const HEAD = 200;

/** The maximum number of organizations in one scan, and of organizations with due rows. */
const STEPS = 400;
const FOUND = 50;

interface Ring {
  /** The condition of a partial index on the column and due_at, with its fixed columns. */
  inQueue: string;
  start: string;
  steps: number;
  found?: number;
}

/**
 * Returns each value of a column once, in order, with the due_at of its first row. Each step is one index lookup,
 * however many rows a value has.
 */
export const ringOf = (
  column: 'organization_id' | 'target_id' | 'user_id',
  { inQueue, start, steps, found }: Ring,
): string => {
  const next = (after: string): string => `
    SELECT ${column}, due_at FROM deliveries WHERE ${inQueue} AND ${column} > ${after}
    ORDER BY ${column}, due_at LIMIT 1`;
  return `
    WITH RECURSIVE ring AS (
      SELECT first.${column}, first.due_at, 1 AS step, (first.due_at <= now())::integer AS found
      FROM (${next(start)}) AS first
      UNION ALL
      SELECT following.${column}, following.due_at, step + 1, found + (following.due_at <= now())::integer
      FROM ring CROSS JOIN LATERAL (${next(`ring.${column}`)}) AS following
      WHERE step < ${steps}${found === undefined ? '' : ` AND found < ${found}`})
    SELECT * FROM ring`;
};

/**
 * Common table expressions: the organizations with due rows, and where the next scan continues after $5. If little is
 * due, the due rows give the organizations. Behind a long backlog, which may belong to one organization,
 * organizations are scanned one by one.
 */
export const organizationsDue = ({ inQueue, isFree }: { inQueue: string; isFree: string }): string => `
  head AS MATERIALIZED (
    SELECT organization_id FROM deliveries WHERE ${inQueue} AND ${isFree} ORDER BY due_at LIMIT ${HEAD}),
  ring AS MATERIALIZED (
    SELECT scan.* FROM (SELECT WHERE (SELECT count(*) FROM head) = ${HEAD}) AS needed
    CROSS JOIN LATERAL (${ringOf('organization_id', { inQueue, start: '$5::uuid', steps: STEPS, found: FOUND })}) AS scan),
  progress AS (
    SELECT CASE WHEN max(step) = ${STEPS} OR max(found) = ${FOUND}
             THEN (SELECT organization_id FROM ring ORDER BY step DESC LIMIT 1) END AS next FROM ring),
  organization AS (
    SELECT organization_id FROM head UNION SELECT organization_id FROM ring WHERE due_at <= now())`;
