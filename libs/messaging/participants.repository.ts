import type { Transaction } from '#database';

export const MOST_PARTICIPANTS = 1000;

export interface LockedThread {
  kind: 'direct' | 'group';
  participant_count: number;
}

/** Holds up sends, so that what is counted of the thread next stays true until the transaction ends. */
export async function lockThread(tx: Transaction, threadId: string): Promise<LockedThread | undefined> {
  const [thread] = await tx.query<LockedThread>(
    `SELECT kind, participant_count FROM threads
     WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    [tx.organizationId, threadId],
  );
  return thread;
}

/** From here on they see it; who comes back begins anew. False where they are in it already. */
export async function join(tx: Transaction, threadId: string, userId: string): Promise<boolean> {
  const joined = await tx.query(
    `INSERT INTO participants AS known (organization_id, thread_id, user_id, joined_seq, settled, last_read_seq)
     SELECT $1, $2, $3, last_seq, last_seq, last_seq FROM threads WHERE organization_id = $1 AND id = $2
     ON CONFLICT (organization_id, thread_id, user_id) DO UPDATE
     SET joined_seq = excluded.joined_seq, settled = excluded.settled, last_read_seq = excluded.last_read_seq,
         joined_at = now(), left_at = NULL, newest_seq = NULL, active_at = NULL, last_sent_at = NULL
     WHERE known.left_at IS NOT NULL
     RETURNING true`,
    [tx.organizationId, threadId, userId],
  );
  if (joined.length > 0) await count(tx, threadId, 1);
  return joined.length > 0;
}

/** They keep what they have seen until now. Where the owner leaves, whoever has been there longest follows. */
export async function leave(tx: Transaction, threadId: string, userId: string): Promise<boolean> {
  const left = await tx.query<{ owned: boolean }>(
    `UPDATE participants AS mine
     SET left_at = now(), newest_seq = threads.last_seq,
         active_at = coalesce(threads.last_message_at, threads.created_at), owner_since = NULL
     FROM threads, participants AS before
     WHERE mine.organization_id = $1 AND mine.thread_id = $2 AND mine.user_id = $3 AND mine.left_at IS NULL
       AND threads.organization_id = $1 AND threads.id = $2
       AND before.organization_id = $1 AND before.thread_id = $2 AND before.user_id = $3
     RETURNING before.owner_since IS NOT NULL AS owned`,
    [tx.organizationId, threadId, userId],
  );
  if (left.length === 0) return false;
  if (left[0]!.owned) {
    await tx.query(
      `UPDATE participants SET owner_since = now()
       WHERE organization_id = $1 AND thread_id = $2 AND user_id = (
         SELECT user_id FROM participants
         WHERE organization_id = $1 AND thread_id = $2 AND left_at IS NULL
         ORDER BY joined_at, user_id LIMIT 1)`,
      [tx.organizationId, threadId],
    );
  }
  await count(tx, threadId, -1);
  return true;
}

const count = (tx: Transaction, threadId: string, more: 1 | -1) =>
  tx.query(
    `UPDATE threads SET participant_count = participant_count + $3, updated_at = now()
     WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, threadId, more],
  );

export interface OwnSettings {
  /** null ends the muting. */
  muted_until?: Date | null;
  archived?: boolean;
}

export async function saveSettings(
  tx: Transaction,
  userId: string,
  threadId: string,
  { muted_until, archived }: OwnSettings,
): Promise<void> {
  await tx.query(
    `UPDATE participants
     SET muted_until = CASE WHEN $4::boolean THEN $5::timestamptz ELSE muted_until END,
         archived_at = CASE $6::boolean WHEN true THEN coalesce(archived_at, now()) WHEN false THEN NULL ELSE archived_at END
     WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3`,
    [tx.organizationId, threadId, userId, muted_until !== undefined, muted_until, archived],
  );
}

export async function saveSubject(tx: Transaction, threadId: string, subject: string): Promise<void> {
  await tx.query(
    'UPDATE threads SET subject = $3, updated_at = now() WHERE organization_id = $1 AND id = $2',
    [tx.organizationId, threadId, subject],
  );
}

export interface Participation {
  kind: 'direct' | 'group';
  username: string;
  partner_id: string | null;
  left_at: Date | null;
  owner_since: Date | null;
}

/** The part that each of them has in a thread; undefined where they have none, and so for what does not exist. */
export async function findParticipations(
  tx: Transaction,
  asked: { userId: string; threadId: string | undefined }[],
): Promise<(Participation | undefined)[]> {
  const named = asked.flatMap(({ userId, threadId }, at) =>
    threadId === undefined ? [] : [{ at, userId, threadId }],
  );
  if (named.length === 0) return [];
  const rows = await tx.query<Participation & { at: number }>(
    `SELECT asked.at, CASE WHEN partner_id IS NULL THEN 'group' ELSE 'direct' END AS kind, username, partner_id,
            left_at, owner_since
     FROM unnest($2::integer[], $3::uuid[], $4::uuid[]) AS asked (at, user_id, thread_id)
     CROSS JOIN LATERAL (
       SELECT username, partner_id, left_at, owner_since
       FROM participants JOIN members USING (organization_id, user_id)
       WHERE organization_id = $1 AND thread_id = asked.thread_id AND user_id = asked.user_id OFFSET 0
     ) AS mine`,
    [
      tx.organizationId,
      named.map(({ at }) => at),
      named.map(({ userId }) => userId),
      named.map(({ threadId }) => threadId),
    ],
  );
  const parts: (Participation | undefined)[] = [];
  for (const { at, ...part } of rows) parts[at] = part;
  return parts;
}

export async function findParticipation(
  tx: Transaction,
  userId: string,
  threadId: string,
): Promise<Participation | undefined> {
  const [mine] = await findParticipations(tx, [{ userId, threadId }]);
  return mine;
}
