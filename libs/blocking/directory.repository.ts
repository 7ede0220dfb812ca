import type { Transaction } from '#database';
import { type Member, personCondition } from '#identity';

export interface Viewer {
  /** The person who looks, who always finds themselves; undefined for a service. */
  userId?: string;
  /** Managers find everybody. */
  isManager: boolean;
}

/**
 * Who keeps their profile hidden, and who has blocked the viewer, are equally not there. A CASE asks for the blockers
 * of whoever it is: were it not asked for those who are hidden, the time would tell which of the two it is.
 */
const VISIBLE = `removed_at IS NULL AND ($2 OR user_id = $3 OR
  CASE WHEN user_id IN (SELECT app_blockers()) THEN false ELSE profile_visibility = 'organization' END)`;

export async function findVisible(
  tx: Transaction,
  person: string,
  { userId, isManager }: Viewer,
): Promise<Member | undefined> {
  const [condition, value] = personCondition(person, '$4');
  const [member] = await tx.query<Member>(
    `SELECT * FROM members WHERE organization_id = $1 AND ${VISIBLE} AND ${condition}`,
    [tx.organizationId, isManager, userId, value],
  );
  return member;
}

export interface DirectoryPage {
  query?: string;
  role?: string;
  after?: string;
  limit: number;
}

export function listVisible(
  tx: Transaction,
  { userId, isManager }: Viewer,
  { query, role, after, limit }: DirectoryPage,
): Promise<Member[]> {
  return tx.query<Member>(
    `SELECT * FROM members
     WHERE organization_id = $1 AND ${VISIBLE}
       AND ($4::text IS NULL OR username ILIKE $4 OR display_name ILIKE $4)
       AND ($5::text IS NULL OR role = $5)
       AND ($6::text IS NULL OR username_key > $6)
     ORDER BY username_key LIMIT $7`,
    [
      tx.organizationId,
      isManager,
      userId,
      query === undefined ? undefined : `%${query.replace(/[\\%_]/g, String.raw`\$&`)}%`,
      role,
      after,
      limit,
    ],
  );
}
