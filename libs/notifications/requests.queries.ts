import { Parameters, type Transaction } from '#database';
import { ALL, type Permission } from '#identity';
import type { NotificationRequest } from './entities.js';

/** The audience: these people, all with a role, all whose role has a permission, or everyone. */
export type Audience =
  { userIds: string[] } | { role: string } | { permission: Permission } | { everyone: true };

/** The content of the notifications. Times are strings, because it is stored as JSON. */
export interface RequestContent {
  type: string;
  title: string;
  body: string;
  data: Record<string, unknown>;
  actionUrl?: string;
  groupKey?: string;
  priority: 'normal' | 'urgent';
  expiresAt?: string;
}

export type RequestRow = Omit<NotificationRequest, 'audience' | 'content'> & {
  audience: Audience;
  content: RequestContent;
};

/** Returns false if a request with this id exists. */
export async function insertRequest(
  tx: Transaction,
  request: Pick<RequestRow, 'id' | 'audience' | 'content' | 'status' | 'deliver_at' | 'recipients'>,
): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO notification_requests (organization_id, id, audience, content, status, deliver_at, recipients)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organization_id, id) DO NOTHING RETURNING true`,
    [
      tx.organizationId,
      request.id,
      request.audience,
      request.content,
      request.status,
      request.deliver_at,
      request.recipients,
    ],
  );
  return inserted.length > 0;
}

export async function findRequest(
  tx: Transaction,
  id: string,
  { lock } = { lock: false },
): Promise<RequestRow | undefined> {
  const [request] = await tx.query<RequestRow>(
    `SELECT * FROM notification_requests WHERE organization_id = $1 AND id = $2 ${lock ? 'FOR UPDATE' : ''}`,
    [tx.organizationId, id],
  );
  return request;
}

const MAX_COUNTED = 20_000;

/** The number of members in an audience, up to a maximum: it is used for a limit, not as an exact figure. */
export async function countAudience(tx: Transaction, audience: Audience): Promise<number> {
  if ('userIds' in audience) return audience.userIds.length;
  const parameters = new Parameters(tx.organizationId, MAX_COUNTED);
  const ofRole = parameters.optional('AND role =', 'role' in audience ? audience.role : undefined);
  const [row] = await tx.query<{ count: number }>(
    `SELECT count(*) FROM (
       SELECT FROM members WHERE organization_id = $1 AND removed_at IS NULL ${ofRole.join('')} LIMIT $2) AS counted`,
    parameters.values,
  );
  return row!.count;
}

/**
 * The next members of the audience in the order of ids. A person who joins during the fan-out is notified if their id
 * comes later.
 */
export async function nextOfAudience(
  tx: Transaction,
  { audience, expanded_to }: RequestRow,
  limit: number,
): Promise<string[]> {
  const parameters = new Parameters(tx.organizationId, expanded_to, limit);
  const conditions = [
    'organization_id = $1',
    'removed_at IS NULL',
    '($2::uuid IS NULL OR user_id > $2)',
    ...inAudience(audience, parameters),
  ];
  const members = await tx.query<{ user_id: string }>(
    `SELECT user_id FROM members WHERE ${conditions.join(' AND ')} ORDER BY user_id LIMIT $3`,
    parameters.values,
  );
  return members.map(({ user_id }) => user_id);
}

function inAudience(audience: Audience, parameters: Parameters): string[] {
  if ('userIds' in audience) return [`user_id = ANY (${parameters.add(audience.userIds)}::uuid[])`];
  if ('role' in audience) return [`role = ${parameters.add(audience.role)}`];
  if ('permission' in audience) {
    const permissions = parameters.add([audience.permission, ALL]);
    return [
      `role IN (SELECT name FROM roles WHERE organization_id = $1 AND permissions && ${permissions}::text[])`,
    ];
  }
  return [];
}

export async function advanceRequest(
  tx: Transaction,
  id: string,
  { expandedTo, notified, isLast }: { expandedTo: string | null; notified: number; isLast: boolean },
): Promise<void> {
  await tx.query(
    `UPDATE notification_requests
     SET expanded_to = coalesce($3, expanded_to), notified = notified + $4,
         status = CASE WHEN $5 THEN 'sent' ELSE 'sending' END,
         recipients = CASE WHEN $5 THEN notified + $4 ELSE recipients END,
         finished_at = CASE WHEN $5 THEN now() END
     WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, id, expandedTo, notified, isLast],
  );
}

export async function retractRequest(tx: Transaction, id: string): Promise<boolean> {
  const retracted = await tx.query(
    `UPDATE notification_requests SET status = 'retracted', finished_at = coalesce(finished_at, now())
     WHERE organization_id = $1 AND id = $2 RETURNING true`,
    [tx.organizationId, id],
  );
  return retracted.length > 0;
}

export async function roleExists(tx: Transaction, role: string): Promise<boolean> {
  const roles = await tx.query('SELECT FROM roles WHERE organization_id = $1 AND name = $2', [
    tx.organizationId,
    role,
  ]);
  return roles.length > 0;
}

/** The members among the people that a request names. */
export async function findMembers(
  tx: Transaction,
  ids: string[],
  usernameKeys: string[],
): Promise<{ user_id: string; username_key: string }[]> {
  return tx.query<{ user_id: string; username_key: string }>(
    `SELECT user_id, username_key FROM members
     WHERE organization_id = $1 AND removed_at IS NULL
       AND (user_id = ANY ($2::uuid[]) OR username_key = ANY ($3::text[]))`,
    [tx.organizationId, ids, usernameKeys],
  );
}
