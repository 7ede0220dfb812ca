import type { Transaction } from '#database';
import type { Member } from './entities.js';
import { isId, usernameKey } from './person.js';
import { searchRowsOf } from './search-words.js';

export interface MemberInput {
  username: string;
  display_name: string;
  email?: string;
  locale?: string;
  time_zone?: string;
  role: string;
}

/** The permissions of a person's new role, and of their current one. */
export interface RoleChange {
  next: string[] | null;
  current: string[] | null;
}

/**
 * A lock that is shared while a person sends, creates or adds something, and exclusive for their removal or a block
 * of them. So each of these happens before or after.
 */
export const sendsOf = (userId: string): string => `sends of ${userId}`;

/**
 * A removal (no role) waits for the person's sends. The caller's row is locked too, in a fixed order, so that two
 * admins who remove each other do not deadlock. FOR NO KEY UPDATE does not block foreign keys to the members.
 */
export async function lockRoleChange(
  tx: Transaction,
  userId: string,
  role: string | null,
  callerId?: string,
): Promise<RoleChange> {
  await tx.lockAll([`member ${userId}`, ...(role === null ? [sendsOf(userId)] : [])]);
  const members = await tx.query<{ user_id: string; role: string | null }>(
    `SELECT user_id, role FROM members WHERE organization_id = $1 AND user_id = ANY ($2)
     ORDER BY user_id FOR NO KEY UPDATE`,
    [tx.organizationId, [userId, callerId ?? userId]],
  );
  const member = members.find(({ user_id }) => user_id === userId);
  const roles = await tx.query<{ name: string; permissions: string[] }>(
    'SELECT name, permissions FROM roles WHERE organization_id = $1 AND name = ANY($2)',
    [tx.organizationId, [role, member?.role ?? null]],
  );
  const permissionsOf = (name: string | null | undefined) =>
    roles.find((candidate) => candidate.name === name)?.permissions ?? null;
  return { next: permissionsOf(role), current: permissionsOf(member?.role) };
}

/** A person who is a member again has a new membership: settings of an earlier one are not restored. */
export async function upsertMember(tx: Transaction, userId: string, input: MemberInput): Promise<Member> {
  await tx.query('INSERT INTO users (id) VALUES ($1) ON CONFLICT DO NOTHING', [userId]);
  const [member] = await tx.query<Member>(
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, email, locale,
                          time_zone, role)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (organization_id, user_id) DO UPDATE
     SET username = excluded.username, username_key = excluded.username_key,
         display_name = excluded.display_name, email = excluded.email, locale = excluded.locale,
         time_zone = excluded.time_zone, role = excluded.role, updated_at = now(), removed_at = NULL,
         created_at = CASE WHEN members.removed_at IS NULL THEN members.created_at ELSE now() END
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
  await saveSearchRows(tx, member!);
  return member!;
}

/**
 * Returns those of these people who are members, and locks their rows, so a removal waits until the transaction ends.
 * The rows are locked in a fixed order, so that two transactions cannot deadlock.
 */
export async function lockMembers(tx: Transaction, userIds: string[]): Promise<string[]> {
  const members = await tx.query<{ user_id: string }>(
    `SELECT user_id FROM members
     WHERE organization_id = $1 AND user_id = ANY ($2) AND removed_at IS NULL ORDER BY user_id FOR SHARE`,
    [tx.organizationId, userIds],
  );
  return members.map(({ user_id }) => user_id);
}

/** Replaces the search rows of earlier names with those of the current ones. */
async function saveSearchRows(tx: Transaction, member: Member): Promise<void> {
  const rows = searchRowsOf(member.username, member.display_name);
  const key = [tx.organizationId, member.user_id];
  await Promise.all([
    tx.query('DELETE FROM member_words WHERE organization_id = $1 AND user_id = $2', key),
    tx.query(
      `INSERT INTO member_words (organization_id, prefix, username_key, user_id, words, role, profile_visibility)
       SELECT $1, prefix, username_key, user_id, words, role, profile_visibility
       FROM members CROSS JOIN unnest($3::text[], $4::text[]) AS word (prefix, words)
       WHERE organization_id = $1 AND user_id = $2`,
      [...key, rows.map(({ prefix }) => prefix), rows.map(({ words }) => words)],
    ),
  ]);
}

export type Visibility = Pick<
  Member,
  'accepts_messages_from' | 'profile_visibility' | 'share_read_receipts' | 'appear_offline'
>;

/** Leaves omitted fields unchanged. Returns undefined if the person is not a member. */
export async function saveVisibility(
  tx: Transaction,
  userId: string,
  { accepts_messages_from, profile_visibility, share_read_receipts, appear_offline }: Partial<Visibility>,
): Promise<Visibility | undefined> {
  const [visibility] = await tx.query<Visibility>(
    `UPDATE members
     SET accepts_messages_from = coalesce($3, accepts_messages_from),
         profile_visibility = coalesce($4, profile_visibility),
         share_read_receipts = coalesce($5, share_read_receipts),
         appear_offline = coalesce($6, appear_offline), updated_at = now()
     WHERE organization_id = $1 AND user_id = $2 AND removed_at IS NULL
     RETURNING accepts_messages_from, profile_visibility, share_read_receipts, appear_offline`,
    [
      tx.organizationId,
      userId,
      accepts_messages_from,
      profile_visibility,
      share_read_receipts,
      appear_offline,
    ],
  );
  return visibility;
}

/** The members among these people, who are named by id or username, with the permissions of their roles. */
export const findMemberships = (tx: Transaction, people: string[]) =>
  tx.query<{ user_id: string; username_key: string; permissions: string[] }>(
    `SELECT user_id, username_key, permissions
     FROM members JOIN roles ON roles.organization_id = members.organization_id AND roles.name = members.role
     WHERE members.organization_id = $1 AND removed_at IS NULL AND NOT app_is_being_deleted(user_id)
       AND (user_id = ANY ($2::uuid[]) OR username_key = ANY ($3::text[]))`,
    [tx.organizationId, people.filter(isId), people.filter((person) => !isId(person)).map(usernameKey)],
  );

const GROUPS_AT_ONCE = 1000;

/** Has the person leave some of their groups. Returns whether there are more. For organization-wide scope. */
export async function leaveSomeGroups(tx: Transaction, userId: string): Promise<boolean> {
  const [left] = await tx.query<{ is_more: boolean }>('SELECT app_leave_groups($1, $2) AS is_more', [
    userId,
    GROUPS_AT_ONCE,
  ]);
  return left!.is_more;
}

/**
 * Keeps the row, which messages refer to as their sender, and deletes role and e-mail address. A trigger has the
 * person leave their first 500 groups.
 */
export async function removeMember(tx: Transaction, userId: string): Promise<boolean> {
  const removed = await tx.query(
    `UPDATE members SET removed_at = now(), updated_at = now(), role = NULL, email = NULL
     WHERE organization_id = $1 AND user_id = $2 AND removed_at IS NULL RETURNING true`,
    [tx.organizationId, userId],
  );
  return removed.length > 0;
}

/** Whether a removed person must still leave groups. They cannot be a member again before. */
export async function isLeaving(tx: Transaction, userId: string): Promise<boolean> {
  const [row] = await tx.query<{ is_leaving: boolean }>('SELECT app_is_leaving($1) AS is_leaving', [userId]);
  return row!.is_leaving;
}

/**
 * Serializes with a new membership of the person. Returns false if they are a member again: then they have left the
 * groups of the earlier membership.
 */
export async function lockRemoved(tx: Transaction, userId: string): Promise<boolean> {
  await tx.lock(`member ${userId}`);
  const found = await tx.query(
    'SELECT FROM members WHERE organization_id = $1 AND user_id = $2 AND removed_at IS NOT NULL',
    [tx.organizationId, userId],
  );
  return found.length > 0;
}
