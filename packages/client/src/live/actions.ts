import type { CallOptions } from '../http.js';
import { randomId } from '../random-id.js';
import type { Message, NewMessage, Notification, ThreadChange } from '../types.js';
import type { Routes } from './loader.js';
import type { Optimistic } from './optimistic.js';
import type { SendQueue } from './send-queue.js';
import type { ServerState } from './server-state.js';
import { countsWithout } from './views.js';

/**
 * What the person does. It shows in the store at once, and is taken back if the server refuses it: then the promise
 * rejects with the reason.
 *
 * @example
 * await tidings.actions.archive(threadId);
 */
export class Actions {
  constructor(
    private readonly routes: Routes,
    private readonly queue: SendQueue,
    private readonly optimistic: Optimistic,
    private readonly state: ServerState,
    private readonly call: CallOptions,
  ) {}

  /**
   * Sends a message, after those that the person submitted before to the same thread. It is repeated until the server has
   * it. Resolves then; rejects if the server refuses it, and then it stays in `unsent`.
   */
  send = (threadId: string, message: NewMessage): Promise<Message> =>
    this.queue.add({
      ...message,
      client_token: message.client_token ?? randomId(),
      thread_id: threadId,
      submitted_at: now(),
      status: 'waiting',
    });

  /** Sends a failed message again, with another text if one is given. */
  retry = (clientToken: string, content?: string): void => this.queue.retry(clientToken, content);

  /** Forgets a failed message. */
  discard = (clientToken: string): void => this.queue.discard(clientToken);

  /** Changes the text of a message. */
  edit = (message: Message, content: string): Promise<Message> =>
    this.optimistic.message(
      message,
      (shown) => ({ ...shown, content, edited_at: now() }),
      () => this.routes.messages.edit(message.id, content, this.call),
      (edited) => edited,
    );

  /** Hides a message from the person, or removes its content for everyone. */
  delete = (message: Message, scope: 'me' | 'everyone' = 'me'): Promise<void> => {
    const to = (shown: Message) => (scope === 'me' ? undefined : { ...shown, content: null });
    const request = () => this.routes.messages.delete(message.id, scope, this.call);
    return this.optimistic.message(message, to, request, (_nothing, known) => to(known));
  };

  /** Marks the messages of a thread up to one as read, or all. */
  markRead = (threadId: string, upTo?: Message): Promise<void> => {
    const seq = upTo?.seq ?? this.state.threadOf(threadId)?.last_seq ?? 0;
    return this.optimistic.thread(
      threadId,
      (thread) => ({
        ...thread,
        last_read_seq: Math.max(thread.last_read_seq, seq),
        unread_count: Math.min(thread.unread_count, Math.max(0, thread.last_seq - seq)),
      }),
      () => this.routes.threads.markRead(threadId, upTo && { up_to: upTo.id }, this.call),
    );
  };

  /** Archives, mutes or renames a thread. */
  updateThread = (threadId: string, change: ThreadChange): Promise<void> =>
    this.optimistic.thread(
      threadId,
      (thread) => ({ ...thread, ...change }),
      () => this.routes.threads.update(threadId, change, this.call),
    );

  /** Archives a thread, or takes it out of the archive. */
  archive = (threadId: string, archived = true): Promise<void> => this.updateThread(threadId, { archived });

  /** Marks a notification as read or unread, or archives it. */
  updateNotification = (id: string, status: Notification['status']): Promise<void> =>
    this.optimistic.notifications(
      (row) => (row.id === id ? { ...row, status, is_read: status !== 'unread' } : row),
      () => this.routes.notifications.update(id, status, this.call),
    );

  /** Deletes a notification. */
  deleteNotification = (id: string): Promise<void> =>
    this.optimistic.notifications(
      (row) => (row.id === id ? undefined : row),
      () => this.routes.notifications.delete(id, this.call),
    );

  /** Marks all notifications as read, or those of a type. */
  markNotificationsRead = ({ type }: { type?: string } = {}): Promise<void> => {
    const isMeant = (one: string) => type === undefined || one === type;
    return this.optimistic.notifications(
      (row) =>
        isMeant(row.type) && row.status === 'unread' ? { ...row, status: 'read', is_read: true } : row,
      () => this.routes.notifications.markAllRead({ type }, this.call),
      (counts) => countsWithout(counts, isMeant),
    );
  };
}

const now = (): string => new Date().toISOString();
