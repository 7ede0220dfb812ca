import type { Transaction } from '#database';

export const MAX_PARTICIPANTS = 1000;

export interface LockedThread {
  kind: 'direct' | 'group';
  participant_count: number;
  /** How often it was renamed. */
  subject_version: number;
}

/** Blocks sends, so that counts of the thread stay correct until the transaction ends. */
export async function lockThread(tx: Transaction, threadId: string): Promise<LockedThread | undefined> {
  const [thread] = await tx.query<LockedThread>(
    `SELECT kind, participant_count, subject_version FROM threads
     WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    [tx.organizationId, threadId],
  );
  return thread;
}

/**
 * Adds the person, who sees messages from now on, even if they were in it before. Returns false if they are in it
 * already.
 */
export async function join(tx: Transaction, threadId: string, userId: string): Promise<boolean> {
  const joined = await tx.query(
    `INSERT INTO participants AS known (organization_id, thread_id, user_id, joined_at, joined_seq, settled, last_read_seq)
     SELECT $1, $2, $3, clock_timestamp(), last_seq, last_seq, last_seq FROM threads WHERE organization_id = $1 AND id = $2
     ON CONFLICT (organization_id, thread_id, user_id) DO UPDATE
     SET joined_seq = excluded.joined_seq, settled = excluded.settled, last_read_seq = excluded.last_read_seq,
         joined_at = excluded.joined_at, left_at = NULL, hidden_at = NULL,
         earlier_stays = known.earlier_stays + tstzmultirange(tstzrange(least(known.joined_at, known.left_at), known.left_at, '[]')),
         newest_seq = NULL, active_at = NULL, last_sent_at = NULL
     WHERE known.left_at IS NOT NULL
     RETURNING true`,
    [tx.organizationId, threadId, userId],
  );
  if (joined.length > 0) await count(tx, threadId, 1);
  return joined.length > 0;
}

/**
 * The person keeps what they have seen until now. If the owner leaves, the participant who has been there longest
 * becomes the owner. Returns false if the person is not in the thread, or was removed: the worker has them leave.
 */
export async function leave(tx: Transaction, threadId: string, userId: string): Promise<boolean> {
  const left = await tx.query<{ owned: boolean }>(
    `UPDATE participants AS mine
     SET left_at = clock_timestamp(), newest_seq = threads.last_seq,
         active_at = coalesce(threads.last_message_at, threads.created_at), owner_since = NULL,
         left_count = threads.participant_count, left_version = threads.subject_version
     FROM threads, participants AS before
     WHERE mine.organization_id = $1 AND mine.thread_id = $2 AND mine.user_id = $3 AND mine.left_at IS NULL
       AND threads.organization_id = $1 AND threads.id = $2
       AND before.organization_id = $1 AND before.thread_id = $2 AND before.user_id = $3
       AND EXISTS (SELECT FROM members WHERE organization_id = $1 AND user_id = $3 AND removed_at IS NULL)
     RETURNING before.owner_since IS NOT NULL AS owned`,
    [tx.organizationId, threadId, userId],
  );
  if (left.length === 0) return false;
  await count(tx, threadId, -1);
  if (left[0]!.owned) await appointOwner(tx, threadId);
  return true;
}

/** If nobody owns the group, makes the member who has been in it longest its owner. The caller must lock the thread. */
export const appointOwner = (tx: Transaction, threadId: string) =>
  tx.query(
    `UPDATE participants SET owner_since = now()
     WHERE organization_id = $1 AND thread_id = $2 AND user_id = (
       SELECT participants.user_id FROM participants
       JOIN members ON members.organization_id = $1 AND members.user_id = participants.user_id
       WHERE participants.organization_id = $1 AND thread_id = $2 AND left_at IS NULL AND members.removed_at IS NULL
       ORDER BY owner_since, joined_at, participants.user_id LIMIT 1)
       AND owner_since IS NULL`,
    [tx.organizationId, threadId],
  );

/** Makes a participant the owner. Returns false if the person is not in the group. The caller must lock the thread. */
export async function changeOwner(tx: Transaction, threadId: string, userId: string): Promise<boolean> {
  const owned = await tx.query<{ user_id: string }>(
    `UPDATE participants SET owner_since = CASE WHEN user_id = $3 THEN coalesce(owner_since, now()) END
     WHERE organization_id = $1 AND thread_id = $2 AND left_at IS NULL
       AND (user_id = $3 OR owner_since IS NOT NULL AND EXISTS (
         SELECT FROM participants AS next
         WHERE next.organization_id = $1 AND next.thread_id = $2 AND next.user_id = $3 AND next.left_at IS NULL))
     RETURNING user_id`,
    [tx.organizationId, threadId, userId],
  );
  return owned.some(({ user_id }) => user_id === userId);
}

/**
 * Removes a group that the person has left from their own list. It counts as read to its end, so that no later change
 * makes anything unread again. The row remains: others still see when the person was in it and what they read.
 */
export async function hideThread(tx: Transaction, threadId: string, userId: string): Promise<boolean> {
  const hidden = await tx.query(
    `UPDATE participants SET hidden_at = now(), settled = newest_seq, last_read_seq = newest_seq
     WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3 AND left_at IS NOT NULL AND hidden_at IS NULL
     RETURNING true`,
    [tx.organizationId, threadId, userId],
  );
  return hidden.length > 0;
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

/** A trigger stores it in thread_subjects, from which each participant's view gets the time of the rename. */
export async function saveSubject(tx: Transaction, threadId: string, subject: string): Promise<void> {
  await tx.query('UPDATE threads SET subject = $3 WHERE organization_id = $1 AND id = $2', [
    tx.organizationId,
    threadId,
    subject,
  ]);
}

export interface Participation {
  kind: 'direct' | 'group';
  username: string;
  partner_id: string | null;
  left_at: Date | null;
  owner_since: Date | null;
}

/**
 * The participation of each person in a thread. undefined if there is none, and so for threads that do not exist and for
 * removed members, who may have yet to leave their groups.
 */
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
       WHERE organization_id = $1 AND thread_id = asked.thread_id AND user_id = asked.user_id
         AND hidden_at IS NULL AND removed_at IS NULL OFFSET 0
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
