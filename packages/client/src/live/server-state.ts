import type { TidingsError } from '../errors.js';
import type { Changes, Counts, Message, Notification, Preferences, Thread } from '../types.js';
import { keep } from './keep.js';
import { type Lists, newWindow } from './list-window.js';
import type { Loads } from './loads.js';
import { OpenThread, messageKey, threadKey } from './open-thread.js';

export const notificationKey = (id: string): string => `notification ${id}`;
export const COUNTS = 'counts';

/**
 * Why parts of the store could not be loaded, which have no rows that would have the reason.
 *
 * @example
 * const { counts: reason }: LoadErrors = tidings.store.errors.getSnapshot();
 */
export interface LoadErrors {
  counts?: TidingsError;
  preferences?: TidingsError;
}

/** What the server sent, without what the person has done since. */
export class ServerState {
  readonly threads = new Map<string, Thread>();
  readonly opened = new Map<string, OpenThread>();
  readonly notifications = new Map<string, Notification>();
  counts?: Counts;
  preferences?: Preferences;
  readonly errors: LoadErrors = {};
  /** Lists that were asked for. */
  readonly lists: Lists = {};
  /** Shows what an earlier page has kept of a part, until that part is loaded. */
  restore: (part: keyof Lists | 'counts' | 'preferences' | OpenThread) => void = () => undefined;
  readonly #asked = new Set<string>();

  constructor(private readonly loads: Loads) {}

  threadOf = (id: string): Thread | undefined => {
    const [listed, opened] = [this.threads.get(id), this.opened.get(id)?.thread];
    if (!listed || !opened || listed.participant_count <= listed.participants.length) return listed ?? opened;
    // Lists have the first 20 only.
    return { ...listed, participants: opened.participants };
  };

  /** Whether a part is asked for the first time: then it has to be loaded. */
  isFirst(part: keyof Lists | 'counts' | 'preferences'): boolean {
    if (this.#asked.has(part)) return false;
    this.#asked.add(part);
    if (part in newWindow) Object.assign(this.lists, { [part]: newWindow[part as keyof Lists]() });
    this.restore(part);
    return true;
  }

  open(id: string): OpenThread {
    const known = this.opened.get(id);
    if (known) return known;
    const opened = new OpenThread(id);
    this.opened.set(id, opened);
    this.restore(opened);
    return opened;
  }

  /** Returns the opened threads whose messages have to be loaded again. */
  apply(changes: Changes, shown: ReadonlySet<string>): OpenThread[] {
    for (const thread of changes.threads) this.putThread(thread);
    for (const id of changes.gone_threads) this.#removeThread(id);
    for (const message of changes.messages) this.putMessage(message);
    for (const { thread_id: threadId, seq } of changes.gone_messages) this.removeMessage(threadId, seq);
    for (const { thread_id: threadId, read_marks: marks } of changes.marks) {
      const opened = this.opened.get(threadId);
      if (opened) opened.marks = marks;
    }
    for (const notification of changes.notifications) this.putNotification(notification);
    for (const id of changes.gone_notifications) this.removeNotification(id);
    if (changes.counts) {
      this.loads.touch(COUNTS);
      this.counts = changes.counts;
    }
    return this.#incomplete(changes, shown);
  }

  // Each is newer than what requests in flight return.

  putThread = (thread: Thread): void => {
    this.loads.touch(threadKey(thread.id));
    this.threads.set(thread.id, keep(this.threads.get(thread.id), thread));
  };

  putMessage(message: Message): void {
    this.loads.touch(messageKey(message.thread_id, message.seq));
    this.opened.get(message.thread_id)?.put(message);
  }

  removeMessage(threadId: string, seq: number): void {
    this.loads.touch(messageKey(threadId, seq));
    this.opened.get(threadId)?.remove(seq);
  }

  putNotification(notification: Notification): void {
    this.loads.touch(notificationKey(notification.id));
    this.notifications.set(notification.id, keep(this.notifications.get(notification.id), notification));
  }

  removeNotification(id: string): void {
    this.loads.touch(notificationKey(id));
    this.notifications.delete(id);
  }

  #removeThread(id: string): void {
    this.loads.touch(threadKey(id));
    this.threads.delete(id);
  }

  /** Their messages did not come, or may be altogether others now. */
  #incomplete(changes: Changes, shown: ReadonlySet<string>): OpenThread[] {
    const changed = changes.threads.map(({ id }) => id).filter((id) => !shown.has(id) || this.#hasFailed(id));
    const ids = new Set([...changed, ...changes.gone_threads, ...changes.reset_threads]);
    return [...ids].flatMap((id) => this.opened.get(id) ?? []);
  }

  #hasFailed = (id: string): boolean => this.opened.get(id)?.status === 'error';
}
