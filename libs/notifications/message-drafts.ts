import { v5 as uuidOf } from 'uuid';
import { PREVIEW_LENGTH } from '#messaging';
import { truncate } from '#text';
import type { UndecidedDraft, UndecidedRecipient } from './create-notifications.js';

export const MESSAGE = 'MESSAGE';
const MAX_TITLE_LENGTH = 255;

/** The message fields of a notification. */
export interface NotifiedMessage {
  message_id: string;
  thread_id: string;
  sender_id: string;
  sender_name: string;
  content: string;
}

/** Somebody who is notified of what happens in a thread. */
export interface ThreadRecipient {
  user_id: string;
  muted_until: Date | null;
  has_read: boolean;
  thread_subject: string | null;
}

/** One for each thread and person: the unread messages of a thread belong together. */
export const aggregationOf = (threadId: string, userId: string): string => uuidOf(userId, threadId);

/** One draft per subject that recipients see: a person does not see renames by those they block. */
export const bySubject = <Made>(
  recipients: ThreadRecipient[],
  make: (subject: string | null, some: ThreadRecipient[]) => Made,
): Made[] =>
  [...Map.groupBy(recipients, ({ thread_subject }) => thread_subject)].map(([subject, some]) =>
    make(subject, some),
  );

export const draftsOf = (
  { message_id, thread_id, sender_id, sender_name, content }: NotifiedMessage,
  recipients: ThreadRecipient[],
  messageSeq?: number,
): UndecidedDraft[] =>
  bySubject(recipients, (subject, some) => ({
    sourceId: message_id,
    title: titleOf(subject === null ? sender_name : `${sender_name} in ${subject}`),
    body: previewOf(content),
    data: { thread_id, message_id, sender_id },
    priority: 'normal',
    actorId: sender_id,
    messageSeq,
    people: some.map((recipient) => asRecipient(recipient, thread_id)),
  }));

export const asRecipient = (
  { user_id, muted_until, has_read }: ThreadRecipient,
  threadId: string,
): UndecidedRecipient => ({
  userId: user_id,
  mutedUntil: muted_until,
  isRead: has_read,
  aggregationId: aggregationOf(threadId, user_id),
});

export const titleOf = (text: string): string => truncate(text, MAX_TITLE_LENGTH);
export const previewOf = (content: string): string => truncate(content, PREVIEW_LENGTH);
