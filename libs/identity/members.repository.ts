import type { Transaction } from '#database';
import type { Member } from './entities.js';
import { personCondition, usernameKey } from './person.js';

export interface MemberInput {
  username: string;
  display_name: string;
  email?: string;
  locale?: string;
  time_zone?: string;
  role: string;
}

/** The permissions of the role that a person is to have, and of the one that they have now. */
export interface RoleChange {
  next: string[] | null;
  current: string[] | null;
}

export async function lockRoleChange(
  tx: Transaction,
  userId: string,
  role: string | null,
): Promise<RoleChange> {
  await tx.lock(`member ${userId}`);
  const [member] = await tx.query<{ role: string | null }>(
    'SELECT role FROM members WHERE organization_id = $1 AND user_id = $2 FOR UPDATE',
    [tx.organizationId, userId],
  );
  const roles = await tx.query<{ name: string; permissions: string[] }>(
    'SELECT name, permissions FROM roles WHERE organization_id = $1 AND name = ANY($2)',
    [tx.organizationId, [role, member?.role ?? null]],
  );
  const permissionsOf = (name: string | null | undefined) =>
    roles.find((candidate) => candidate.name === name)?.permissions ?? null;
  return { next: permissionsOf(role), current: permissionsOf(member?.role) };
}

export async function upsertMember(tx: Transaction, userId: string, input: MemberInput): Promise<Member> {
  await tx.query('INSERT INTO users (id) VALUES ($1) ON CONFLICT DO NOTHING', [userId]);
  const [member] = await tx.query<Member>(
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, email, locale,
                          time_zone, role)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (organization_id, user_id) DO UPDATE
     SET username = excluded.username, username_key = excluded.username_key,
         display_name = excluded.display_name, email = excluded.email, locale = excluded.locale,
         time_zone = excluded.time_zone, role = excluded.role, updated_at = now(), removed_at = NULL
     RETURNING *`,
    [
      tx.organizationId,
      userId,
      input.username,
      usernameKey(input.username),
      input.display_name,
      input.email,
      input.locale,
      input.time_zone,
      input.role,
    ],
  );
  return member!;
}

/** The row stays, so that what they wrote keeps its sender; how to reach them does not. */
export async function removeMember(tx: Transaction, userId: string): Promise<boolean> {
  const removed = await tx.query(
    `UPDATE members SET removed_at = now(), updated_at = now(), role = NULL, email = NULL
     WHERE organization_id = $1 AND user_id = $2 AND removed_at IS NULL RETURNING true`,
    [tx.organizationId, userId],
  );
  return removed.length > 0;
}

export interface Directory {
  /** The person who looks, who always finds themselves; undefined for a service. */
  viewerId?: string;
  /** Managers also find those who keep their profile hidden. */
  includeHidden: boolean;
}

const VISIBLE = `removed_at IS NULL AND ($2 OR profile_visibility = 'organization' OR user_id = $3)`;

export async function findVisible(
  tx: Transaction,
  person: string,
  { viewerId, includeHidden }: Directory,
): Promise<Member | undefined> {
  const [condition, value] = personCondition(person, '$4');
  const [member] = await tx.query<Member>(
    `SELECT * FROM members WHERE organization_id = $1 AND ${VISIBLE} AND ${condition}`,
    [tx.organizationId, includeHidden, viewerId, value],
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
  { viewerId, includeHidden }: Directory,
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
      includeHidden,
      viewerId,
      query === undefined ? undefined : `%${query.replace(/[\\%_]/g, String.raw`\$&`)}%`,
      role,
      after,
      limit,
    ],
  );
}
