/**
 * SQL conditions on blocks, for statements whose $1 is the organization. Other libs use only these, so that lists,
 * counts, sends and changes cannot differ.
 */

/** Whether one person has blocked another. OFFSET 0 forces a lookup per row; see docs/architecture.md. */
export const hasBlocked = (blocker: string, blocked: string): string =>
  `EXISTS (SELECT FROM blocks
     WHERE blocks.organization_id = $1 AND blocks.blocker_id = ${blocker} AND blocks.blocked_id = ${blocked} OFFSET 0)`;

/** The people whom the person has blocked: selects blocked_id. */
export const blockedBy = (person: string): string =>
  `SELECT blocked_id FROM blocks WHERE blocks.organization_id = $1 AND blocks.blocker_id = ${person}`;

/** Who has blocked the person: blocker_id. For organization-wide scope, since blockers alone see their blocks. */
export const blockersOf = (person: string): string =>
  `SELECT blocker_id FROM blocks WHERE blocks.organization_id = $1 AND blocks.blocked_id = ${person}`;

/** The people who have blocked the person of the transaction. Policies do not show those blocks to the person. */
export const OWN_BLOCKERS = 'SELECT app_blockers()';

/**
 * Whether the person has not blocked the other. True if the other is null. If the person is a parameter, the people
 * they block are read once.
 */
export const notBlocked = (person: string, other: string): string =>
  `(${other} IN (${blockedBy(person)})) IS NOT TRUE`;
