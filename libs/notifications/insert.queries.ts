import { v7 as uuid } from 'uuid';
import { hasBlocked } from '#blocking';
import type { Transaction } from '#database';
import { type Decisions, storedDecisions } from '#preferences';

/** The content of a notification, the same for all recipients. */
export interface NotificationDraft {
  sourceId: string;
  title: string;
  body: string;
  data: Record<string, unknown>;
  actionUrl?: string;
  priority: 'normal' | 'urgent';
  actorId?: string;
  messageSeq?: number;
  expiresAt?: Date;
}

/** A recipient, and the decisions for them. */
export interface Recipient {
  /** Generated if not given. The demo needs a known id. */
  id?: string;
  userId: string;
  /** One object is shared by all recipients with the same decisions: it is large, and so is sent and parsed once. */
  decisions: Decisions;
  isShown: boolean;
  isRead: boolean;
  aggregationId: string | null;
}

type DecidedDraft = NotificationDraft & { recipients: Recipient[] };

const LOCK_TIMEOUT = '200ms';

/**
 * Inserts the notifications once, however often it is called, and returns the new ones. A person with several gets
 * them in the given order.
 */
export const insertNotifications = (
  tx: Transaction,
  type: string,
  drafts: DecidedDraft[],
): Promise<{ source_id: string; user_id: string }[]> =>
  tx.query<{ source_id: string; user_id: string }>(INSERT, valuesOf(tx, type, drafts));

/**
 * Inserts the notifications of messages that the statement before wrote, in the transaction that sends them. A message
 * that was not written, and a recipient who meanwhile left or blocked the sender, get none. It waits for feeds and counts
 * only for a moment, because its threads are locked meanwhile: one recipient who marks 50,000 notifications as read must
 * not hold up everybody's sends. After that the sends are done again without notifications, which follow by event.
 */
export function notificationsOfSends(
  tx: Transaction,
  type: string,
  drafts: DecidedDraft[],
): () => Promise<void> {
  // Made beforehand: an error here must come before COMMIT is sent.
  const values = valuesOf(tx, type, drafts);
  return async () => {
    await tx.query(INSERT_OF_SENDS, values);
  };
}

function valuesOf(tx: Transaction, type: string, drafts: DecidedDraft[]): unknown[] {
  const rows = drafts.flatMap(({ recipients }, draft) =>
    recipients.map((recipient) => ({ ...recipient, draft, id: recipient.id ?? uuid() })),
  );
  const distinct = [...new Set(rows.map(({ decisions }) => decisions))];
  const places = new Map(distinct.map((decisions, index) => [decisions, index + 1]));
  return [
    tx.organizationId,
    type,
    JSON.stringify(drafts.map((draft, place) => ({ ...draft, place, recipients: undefined }))),
    rows.map(({ draft }) => draft),
    rows.map(({ userId }) => userId),
    rows.map(({ id }) => id),
    rows.map(({ decisions }) => places.get(decisions)),
    rows.map(({ isShown }) => isShown),
    rows.map(({ isRead }) => isRead),
    rows.map(({ aggregationId }) => aggregationId),
    distinct.map((decisions) => JSON.stringify(storedDecisions(decisions))),
  ];
}

const DRAFT = `jsonb_to_recordset($3)
  AS draft (place integer, "sourceId" uuid, title text, body text, data jsonb, "actionUrl" text, priority text, "actorId" uuid,
            "messageSeq" bigint, "expiresAt" timestamptz)`;

const PERSON = `unnest($4::integer[], $5::uuid[], $6::uuid[], $7::integer[], $8::boolean[], $9::boolean[], $10::uuid[])
  WITH ORDINALITY AS person (draft, user_id, id, decided, is_shown, is_read, aggregation_id, position)`;

/**
 * An existing notification is found by the unique key alone, which leaves a gap in the person's numbers. A query for
 * it would depend on its plan, and one made while the table was small scans the whole table. Feeds are locked in the
 * order of user ids, so that two drafts to the same people cannot deadlock. created_at never goes back, even if the
 * clock does.
 */
const insert = (drafts: string, people: string): string => `
  WITH draft AS (${drafts}), person AS (
    SELECT draft, user_id, id, decided, is_shown, is_read, aggregation_id,
           row_number() OVER (PARTITION BY user_id ORDER BY position DESC) - 1 AS later
    FROM ${people}
  ), numbered AS (
    INSERT INTO feeds (organization_id, user_id, last_seq, last_created_at)
    SELECT $1, user_id, count(*), clock_timestamp() FROM person GROUP BY user_id ORDER BY user_id
    ON CONFLICT (organization_id, user_id) DO UPDATE
    SET last_seq = feeds.last_seq + excluded.last_seq,
        last_created_at = greatest(clock_timestamp(), feeds.last_created_at)
    RETURNING user_id, last_seq, last_created_at
  )
  INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, data, action_url,
                             priority, actor_id, aggregation_id, message_seq, decisions, suppressed_at, read_at,
                             expires_at, created_at)
  SELECT $1, person.user_id, numbered.last_seq - person.later, person.id, "sourceId", $2, title, body, data,
         "actionUrl", priority, "actorId", person.aggregation_id, "messageSeq", decisions,
         CASE WHEN NOT person.is_shown THEN now() END, CASE WHEN person.is_read THEN now() END, "expiresAt",
         numbered.last_created_at
  FROM person JOIN draft ON draft.place = person.draft JOIN numbered USING (user_id)
    JOIN unnest($11::jsonb[]) WITH ORDINALITY AS distinct_decisions (decisions, place) ON distinct_decisions.place = person.decided
  ON CONFLICT (organization_id, source_id, user_id) DO NOTHING
  RETURNING source_id, user_id`;

const INSERT = insert(`SELECT * FROM ${DRAFT}`, PERSON);

/**
 * The threads are locked, so who is in them, and who blocks the sender, is now as it will be at the commit. The time
 * limit for locks holds from the drafts on, and they are read before the feeds are locked.
 */
const INSERT_OF_SENDS = insert(
  `SELECT draft.place, "sourceId", title, body, data, "actionUrl", priority, "actorId", "expiresAt",
          message.seq AS "messageSeq", message.thread_id
   FROM (SELECT set_config('lock_timeout', '${LOCK_TIMEOUT}', true) OFFSET 0) AS limited CROSS JOIN ${DRAFT}
   CROSS JOIN LATERAL (
     SELECT thread_id, seq FROM messages WHERE organization_id = $1 AND id = draft."sourceId" OFFSET 0) AS message`,
  `${PERSON}
   JOIN (SELECT place, thread_id, "messageSeq", "actorId" FROM draft) AS sent ON sent.place = person.draft
   WHERE EXISTS (SELECT FROM participants
       WHERE participants.organization_id = $1 AND participants.thread_id = sent.thread_id
         AND participants.user_id = person.user_id AND left_at IS NULL AND joined_seq < "messageSeq" OFFSET 0)
     AND NOT ${hasBlocked('person.user_id', 'sent."actorId"')}`,
);
