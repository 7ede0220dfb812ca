import { Injectable } from '@nestjs/common';
import { v5 as uuidOf } from 'uuid';
import { Database, type Transaction } from '#database';
import type { EventMap } from '#events';
import { OnOutboxEvent, OnOutboxEventBatch, type RecordedEvent } from '#outbox';
import { takeBatch } from '#batching';
import {
  type Listener,
  type SentMessage,
  findListeners,
  findOpenedThread,
  findSentMessages,
} from '#messaging';
import { type UndecidedRecipient, createNotifications } from './create-notifications.js';
import { markAggregationRead, retractNotifications, updateBody } from './writing.queries.js';

const TYPE = 'MESSAGE';
const PREVIEW_CHARACTERS = 140;

/** One for each thread and person: what a person has not read of a thread belongs together. */
const aggregationOf = (threadId: string, userId: string): string => uuidOf(userId, threadId);

/**
 * What happens in threads, told to those in them. The handlers of one thread take turns, in whatever order and
 * on whatever worker its events arrive: the first to come sees the change, the second the notification.
 */
@Injectable()
export class MessageHandler {
  constructor(private readonly database: Database) {}

  @OnOutboxEventBatch('message.sent')
  async sent(organizationId: string, payloads: EventMap['message.sent'][]): Promise<number> {
    const threadIds = payloads.map(({ thread_id }) => thread_id);
    return this.inTurn(organizationId, threadIds, async (tx) => {
      const messages = await findSentMessages(tx, idsOf(payloads));
      const sizes = new Map(
        messages.map(({ message_id, participant_count }) => [message_id, participant_count]),
      );
      const portion = takeBatch(payloads, ({ message_id }) => sizes.get(message_id) ?? 0);
      const ids = new Set(idsOf(portion));
      const some = messages.filter(({ message_id }) => ids.has(message_id));
      const listeners = Map.groupBy(await findListeners(tx, idsOf(some)), ({ message_id }) => message_id);
      await createNotifications(
        tx,
        TYPE,
        some.flatMap((message) => draftsOf(message, listeners.get(message.message_id) ?? [])),
      );
      return portion.length;
    });
  }

  @OnOutboxEvent('message.edited')
  async edited({ organizationId, payload }: RecordedEvent<'message.edited'>): Promise<void> {
    await this.inTurn(organizationId, [payload.thread_id], async (tx) => {
      const [message] = await findSentMessages(tx, [payload.message_id]);
      if (message) await updateBody(tx, message.message_id, previewOf(message.content));
    });
  }

  @OnOutboxEvent('message.deleted')
  async deleted({ organizationId, payload }: RecordedEvent<'message.deleted'>): Promise<void> {
    await this.inTurn(organizationId, [payload.thread_id], async (tx) => {
      await retractNotifications(tx, payload.message_id, payload.for === 'one' ? payload.user_id : undefined);
    });
  }

  @OnOutboxEvent('thread.read')
  async read({ organizationId, payload }: RecordedEvent<'thread.read'>): Promise<void> {
    const { thread_id, user_id, seq } = payload;
    await this.inTurn(organizationId, [thread_id], (tx) =>
      markAggregationRead(tx, user_id, aggregationOf(thread_id, user_id), seq),
    );
  }

  @OnOutboxEvent('thread.created')
  async created({ organizationId, payload }: RecordedEvent<'thread.created'>): Promise<void> {
    const { thread_id, user_id, participant_ids } = payload;
    await this.opened(organizationId, thread_id, thread_id, user_id, participant_ids);
  }

  @OnOutboxEvent('participant.joined')
  async joined({ id, organizationId, payload }: RecordedEvent<'participant.joined'>): Promise<void> {
    const { thread_id, user_id, added_by } = payload;
    if (added_by !== null) await this.opened(organizationId, thread_id, id, added_by, [user_id]);
  }

  private async opened(
    organizationId: string,
    threadId: string,
    sourceId: string,
    actorId: string,
    userIds: string[],
  ): Promise<void> {
    await this.inTurn(organizationId, [threadId], async (tx) => {
      const thread = await findOpenedThread(tx, threadId, actorId, userIds);
      if (!thread) return;
      const { kind, actor_name, listeners } = thread;
      await createNotifications(
        tx,
        TYPE,
        bySubject(listeners, (subject, some) => ({
          sourceId,
          title: titleOf(
            kind === 'direct'
              ? `${actor_name} started a conversation`
              : `${actor_name} added you to ${subject}`,
          ),
          body: '',
          data: { thread_id: threadId, sender_id: actorId },
          priority: 'normal',
          actorId,
          messageSeq: 0,
          people: some.map((listener) => asRecipient(listener, threadId)),
        })),
      );
    });
  }

  private inTurn<T>(
    organizationId: string,
    threadIds: string[],
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    return this.database.organizationTransaction(organizationId, async (tx) => {
      await tx.lockAll(threadIds.map((threadId) => `notifications of ${threadId}`));
      return work(tx);
    });
  }
}

const idsOf = (messages: Pick<SentMessage, 'message_id'>[]): string[] =>
  messages.map(({ message_id }) => message_id);

/** One for each subject that the group has to somebody: who blocks a person sees none of their renames. */
const bySubject = <T>(listeners: Listener[], make: (subject: string | null, some: Listener[]) => T): T[] =>
  [...Map.groupBy(listeners, ({ thread_subject }) => thread_subject)].map(([subject, some]) =>
    make(subject, some),
  );

const draftsOf = (
  { message_id, thread_id, sender_id, sender_name, content, seq }: SentMessage,
  listeners: Listener[],
) =>
  bySubject(listeners, (subject, some) => ({
    sourceId: message_id,
    title: titleOf(subject === null ? sender_name : `${sender_name} in ${subject}`),
    body: previewOf(content),
    data: { thread_id, message_id, sender_id },
    priority: 'normal' as const,
    actorId: sender_id,
    messageSeq: seq,
    people: some.map((listener) => asRecipient(listener, thread_id)),
  }));

const asRecipient = ({ user_id, muted_until, has_read }: Listener, threadId: string): UndecidedRecipient => ({
  userId: user_id,
  mutedUntil: muted_until,
  isRead: has_read,
  aggregationId: aggregationOf(threadId, user_id),
});

const MAX_TITLE_LENGTH = 255;

/** By characters, so that none is cut in half. */
const cut = (text: string, most: number): string => {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
};

const titleOf = (text: string): string => cut(text, MAX_TITLE_LENGTH);
const previewOf = (content: string): string => cut(content, PREVIEW_CHARACTERS);
