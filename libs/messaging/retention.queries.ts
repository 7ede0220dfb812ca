import { type RetentionRule, retentionBy } from '#database';

/**
 * Deletes read marks, and stores with each participant up to where they are gone. For messages up to there read_at is
 * null, because the next mark would give a later time.
 */
const readMarks: RetentionRule = {
  table: 'read_marks',
  async remove(tx, days, limit) {
    const [row] = await tx.query<{ removed: number }>(
      `WITH old AS (
         SELECT thread_id, user_id, seq FROM read_marks
         WHERE organization_id = $1 AND read_at < now() - make_interval(days => $2) ORDER BY read_at LIMIT $3
       ), removed AS (
         DELETE FROM read_marks USING old
         WHERE read_marks.organization_id = $1 AND read_marks.thread_id = old.thread_id
           AND read_marks.user_id = old.user_id AND read_marks.seq = old.seq
         RETURNING read_marks.thread_id, read_marks.user_id, read_marks.seq
       ), noted AS (
         UPDATE participants SET read_marks_from = greatest(read_marks_from, gone.seq)
         FROM (SELECT thread_id, user_id, max(seq) AS seq FROM removed GROUP BY thread_id, user_id) AS gone
         WHERE participants.organization_id = $1 AND participants.thread_id = gone.thread_id
           AND participants.user_id = gone.user_id
       )
       SELECT count(*)::integer AS removed FROM removed`,
      [tx.organizationId, days, limit],
    );
    return row!.removed;
  },
};

export const MESSAGING_RETENTION: RetentionRule[] = [
  readMarks,
  retentionBy('message_versions', 'replaced_at', ['message_id', 'version']),
];
