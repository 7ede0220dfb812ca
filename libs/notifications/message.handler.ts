import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { EventMap } from '#events';
import { OnOutboxEvent, OnOutboxEventBatch, type RecordedEvent } from '#outbox';
import { takeBatch } from '#batching';
import { findMessageRecipients, findOpenedThread, findSentMessages } from '#messaging';
import { createNotifications } from './create-notifications.js';
import { FeedSignal } from './feed-signal.js';
import {
  MESSAGE,
  aggregationOf,
  asRecipient,
  bySubject,
  draftsOf,
  previewOf,
  titleOf,
} from './message-drafts.js';
import { markAggregationRead, retractNotifications, updateBody } from './writing.queries.js';

/** Notifications per transaction. An event for the next batch follows. */
const MARKED_AT_ONCE = 1000;

/**
 * Creates and updates the notifications of threads. A lock makes the handlers of one thread run one at a time, so the
 * order of their events does not matter: message.sent reads the edited text, or message.edited updates the
 * notification.
 */
@Injectable()
export class MessageHandler {
  constructor(
    private readonly database: Database,
    private readonly feeds: FeedSignal,
  ) {}

  @OnOutboxEventBatch('message.sent')
  async sent(organizationId: string, payloads: EventMap['message.sent'][]): Promise<number> {
    const threadIds = payloads.map(({ thread_id }) => thread_id);
    return this.inTurn(organizationId, threadIds, async (tx) => {
      const messages = await findSentMessages(tx, idsOf(payloads));
      const sizes = new Map(
        messages.map(({ message_id, participant_count }) => [message_id, participant_count]),
      );
      const batch = takeBatch(payloads, ({ message_id }) => sizes.get(message_id) ?? 0);
      const ids = new Set(idsOf(batch));
      const some = messages.filter(({ message_id }) => ids.has(message_id));
      const recipients = Map.groupBy(
        await findMessageRecipients(tx, idsOf(some)),
        ({ message_id }) => message_id,
      );
      await createNotifications(
        tx,
        this.feeds,
        MESSAGE,
        some.flatMap((message) => draftsOf(message, recipients.get(message.message_id) ?? [], message.seq)),
      );
      return batch.length;
    });
  }

  @OnOutboxEvent('message.edited')
  async edited({ organizationId, payload }: RecordedEvent<'message.edited'>): Promise<void> {
    await this.inTurn(organizationId, [payload.thread_id], async (tx) => {
      const [message] = await findSentMessages(tx, [payload.message_id]);
      if (message) await updateBody(tx, payload, previewOf(message.content));
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
    await this.inTurn(organizationId, [thread_id], async (tx) => {
      const aggregationId = aggregationOf(thread_id, user_id);
      if (await markAggregationRead(tx, user_id, aggregationId, seq, MARKED_AT_ONCE)) {
        tx.record('thread.read', payload);
      }
    });
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
      const { kind, actor_name, recipients } = thread;
      await createNotifications(
        tx,
        this.feeds,
        MESSAGE,
        bySubject(recipients, (subject, some) => ({
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
          people: some.map((recipient) => asRecipient(recipient, threadId)),
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

const idsOf = (messages: { message_id: string }[]): string[] => messages.map(({ message_id }) => message_id);
