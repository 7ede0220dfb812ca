import type { SentChannel } from '#outbound';

export type QueueName = SentChannel | 'digest';

/** Up to so many rows that are due first are read to see whose they are. Fewer: they are all that is due. */
const HEAD = 200;

/** How many organizations, and of these how many with something due, one scan looks at. */
const STEPS = 400;
const FOUND = 50;

interface Ring {
  /** The condition of a partial index that begins with what it fixes, and goes on with the column and due_at. */
  inQueue: string;
  start: string;
  steps: number;
  found?: number;
}

/**
 * Each value of a column once, in order, with the time at which its first row is due. Each step is one look into the
 * index, however many rows a value has.
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
 * Common table expressions: the organizations of which something is due, and where the next scan continues after $5.
 * While little is due, the rows that are due say whose they are; behind a long backlog, which may all be of one
 * organization, organizations are looked at one after the other.
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
