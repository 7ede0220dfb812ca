import type { CallOptions } from '../http.js';
import { randomId } from '../random-id.js';
import type {
  Message,
  NewMessage,
  Notification,
  Preferences,
  PreferencesChange,
  ThreadChange,
} from '../types.js';
import type { Drafts } from './drafts.js';
import type { Routes } from './loader.js';
import type { Loads } from './loads.js';
import type { Optimistic } from './optimistic.js';
import { preferencesAfter } from './preferences-after.js';
import { readMarker } from './read-marker.js';
import type { SendQueue } from './send-queue.js';
import type { ServerState } from './server-state.js';
import type { Sync } from './sync.js';
import { countsWithout } from './views.js';

export interface ActionsOptions {
  routes: Routes;
  queue: SendQueue;
  drafts: Drafts;
  optimistic: Optimistic;
  state: ServerState;
  loads: Loads;
  sync: Sync;
  call: CallOptions;
}

/**
 * What the person does. It shows in the store at once, and is taken back if the server refuses it: then the promise
 * rejects with the reason.
 *
 * @example
 * await tidings.actions.archive(threadId);
 */
export class Actions {
  constructor(private readonly options: ActionsOptions) {
    const { state, call } = options;
    const lastRead = (threadId: string) => state.threadOf(threadId)?.last_read_seq;
    this.see = readMarker({ markRead: this.markRead, lastRead, ...call });
  }

  /**
   * Sends a message, after those that the person submitted before to the same thread. It is repeated until the server has
   * it. Resolves then; rejects if the server refuses it, and then it stays in `unsent`.
   */
  send = (threadId: string, message: NewMessage): Promise<Message> => {
    const { queue, loads } = this.options;
    void loads.begin();
    return queue.add({
      ...message,
      client_token: message.client_token ?? randomId(),
      thread_id: threadId,
      submitted_at: queue.nextTime(),
      status: 'waiting',
    });
  };

  /** Keeps what the person has written and not submitted. An empty text removes it. */
  saveDraft = (threadId: string, text: string): void => {
    void this.options.loads.begin();
    this.options.drafts.save(threadId, text);
  };

  /** Sends a failed message again, with another text if one is given. */
  retry = (clientToken: string, content?: string): void => this.options.queue.retry(clientToken, content);

  /** Forgets a failed message. */
  discard = (clientToken: string): void => this.options.queue.discard(clientToken);

  /** The person types in a thread: call it on each keystroke. The others see it for a few seconds. */
  type = (threadId: string): void => this.options.sync.signals.type(threadId);

  /** Changes the text of a message. */
  edit = (message: Message, content: string): Promise<Message> =>
    this.options.optimistic.message(
      message,
      (shown) => ({ ...shown, content, edited_at: now() }),
      () => this.options.routes.messages.edit(message.id, content, this.options.call),
      (edited) => edited,
    );

  /** Hides a message from the person, or removes its content for everyone. */
  delete = (message: Message, scope: 'me' | 'everyone' = 'me'): Promise<void> => {
    const to = (shown: Message) => (scope === 'me' ? undefined : { ...shown, content: null });
    const request = () => this.options.routes.messages.delete(message.id, scope, this.options.call);
    return this.options.optimistic.message(message, to, request, (_nothing, known) => to(known));
  };

  /** Marks the messages of a thread up to one as read, or all. */
  markRead = (threadId: string, upTo?: Message): Promise<void> => {
    const seq = upTo?.seq ?? this.options.state.threadOf(threadId)?.last_seq ?? 0;
    return this.options.optimistic.thread(
      threadId,
      (thread) => ({
        ...thread,
        last_read_seq: Math.max(thread.last_read_seq, seq),
        unread_count: Math.min(thread.unread_count, Math.max(0, thread.last_seq - seq)),
      }),
      () => this.options.routes.threads.markRead(threadId, upTo && { up_to: upTo.id }, this.options.call),
    );
  };

  /**
   * The message is in view until the returned function is called. Once it was for a second, in a visible and focused
   * window, its thread is marked as read up to it.
   */
  readonly see: (message: Message) => () => void;

  /** Archives, mutes or renames a thread. */
  updateThread = (threadId: string, change: ThreadChange): Promise<void> =>
    this.options.optimistic.thread(
      threadId,
      (thread) => ({ ...thread, ...change }),
      () => this.options.routes.threads.update(threadId, change, this.options.call),
    );

  /** Changes preferences for this organization. null returns to the inherited value. */
  updatePreferences = (change: PreferencesChange): Promise<Preferences> =>
    this.options.optimistic.preferences(
      (preferences) => preferencesAfter(preferences, change),
      () => this.options.routes.preferences.update(change, undefined, this.options.call),
    );

  /** Archives a thread, or takes it out of the archive. */
  archive = (threadId: string, archived = true): Promise<void> => this.updateThread(threadId, { archived });

  /** Marks a notification as read or unread, or archives it. */
  updateNotification = (id: string, status: Notification['status']): Promise<void> =>
    this.options.optimistic.notifications(
      (row) => (row.id === id ? { ...row, status, is_read: status !== 'unread' } : row),
      () => this.options.routes.notifications.update(id, status, this.options.call),
    );

  /** Deletes a notification. */
  deleteNotification = (id: string): Promise<void> =>
    this.options.optimistic.notifications(
      (row) => (row.id === id ? undefined : row),
      () => this.options.routes.notifications.delete(id, this.options.call),
    );

  /** Marks all notifications as read, or those of a type. */
  markNotificationsRead = ({ type }: { type?: string } = {}): Promise<void> => {
    const isMeant = (one: string) => type === undefined || one === type;
    return this.options.optimistic.notifications(
      (row) =>
        isMeant(row.type) && row.status === 'unread' ? { ...row, status: 'read', is_read: true } : row,
      () => this.options.routes.notifications.markAllRead({ type }, this.options.call),
      (counts) => countsWithout(counts, isMeant),
    );
  };
}

const now = (): string => new Date().toISOString();
