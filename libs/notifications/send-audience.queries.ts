import { notBlocked } from '#blocking';
import type { Transaction } from '#database';
import { isId, usernameKey } from '#identity';
import { type Send, shownSubject } from '#messaging';
import { type PersonChoices, choicesOfPerson } from '#preferences';
import type { ThreadRecipient } from './message-drafts.js';
import { type Addresses, HAS_WEBHOOK, hasPush } from './reachability.queries.js';

/** A recipient of a message that is about to be sent. */
export interface SendRecipient extends ThreadRecipient, Addresses {
  /** The place of the send in the batch. */
  at: number;
  sender_name: string;
  choices: PersonChoices;
  /** Whether their organization has a webhook. */
  has_webhook: boolean;
}

/**
 * The recipients of these sends, each with all that decides about their notifications, if there are at most so many.
 * Each is looked up, as OFFSET 0 has it. Of a thread that a send is about to open there is nothing to read yet.
 */
export const findRecipients = (tx: Transaction, sends: Send[], limit: number): Promise<SendRecipient[]> => {
  const asked = sends.map(({ to }) => ({
    thread: 'threadId' in to ? to.threadId : null,
    id: 'person' in to && isId(to.person) ? to.person.toLowerCase() : null,
    key: 'person' in to && !isId(to.person) ? usernameKey(to.person) : null,
  }));
  return tx.query<SendRecipient>(FIND, [
    tx.organizationId,
    sends.map((_, at) => at),
    sends.map(({ senderId }) => senderId),
    asked.map(({ thread }) => thread),
    asked.map(({ id }) => id),
    asked.map(({ key }) => key),
    limit,
  ]);
};

const READER = 'user_id, muted_until, left_at, left_version';

const FIND = `
  SELECT asked.at, sender.display_name AS sender_name, reader.user_id, reader.muted_until, false AS has_read,
         CASE WHEN thread.subject_version = 0 THEN thread.subject ELSE shown.subject END AS thread_subject,
         ${choicesOfPerson('reader.user_id')} AS choices, member.email IS NOT NULL AS has_email,
         ${hasPush('reader.user_id')} AS has_push, ${HAS_WEBHOOK} AS has_webhook
  FROM unnest($2::integer[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[])
    AS asked (at, sender_id, in_thread_id, to_id, to_key)
  CROSS JOIN LATERAL (
    SELECT display_name FROM members WHERE organization_id = $1 AND user_id = asked.sender_id OFFSET 0) AS sender
  LEFT JOIN LATERAL (
    SELECT user_id FROM members WHERE organization_id = $1 AND user_id = asked.to_id
    UNION ALL
    SELECT user_id FROM members WHERE organization_id = $1 AND username_key = asked.to_key AND removed_at IS NULL
  ) AS other ON true
  LEFT JOIN LATERAL (
    SELECT id, subject, subject_version FROM threads
    WHERE organization_id = $1 AND id = asked.in_thread_id AND participant_count <= $7::integer + 1
    UNION ALL
    SELECT id, subject, subject_version FROM threads
    WHERE organization_id = $1 AND kind = 'direct' AND pair_low = least(other.user_id, asked.sender_id)
      AND pair_high = greatest(other.user_id, asked.sender_id)
  ) AS thread ON true
  CROSS JOIN LATERAL (
    SELECT ${READER} FROM participants
    WHERE organization_id = $1 AND thread_id = thread.id AND user_id <> asked.sender_id AND left_at IS NULL
    UNION ALL
    SELECT other.user_id, NULL, NULL, 0 WHERE other.user_id IS NOT NULL AND thread.id IS NULL
    OFFSET 0) AS reader
  CROSS JOIN LATERAL (
    SELECT email FROM members
    WHERE organization_id = $1 AND user_id = reader.user_id AND removed_at IS NULL OFFSET 0) AS member
  LEFT JOIN LATERAL (${shownSubject('thread', 'reader', 'reader.user_id')}) AS shown ON true
  WHERE ${notBlocked('reader.user_id', 'asked.sender_id')}`;
