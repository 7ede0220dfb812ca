import type { Counts, Message, Notification, Preferences, Thread } from '../types.js';
import type { IsFresh, Loads } from './loads.js';
import { messageKey, threadKey } from './open-thread.js';
import type { OwnChange, OwnChanges } from './own-changes.js';
import { COUNTS, type ServerState, notificationKey } from './server-state.js';
import { countsAfter } from './views.js';

/** Shows what the person does at once, and takes it back if the server refuses it. */
export class Optimistic {
  /** The last change of preferences. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly state: ServerState,
    private readonly own: OwnChanges,
    private readonly loads: Loads,
    private readonly onChange: () => void,
  ) {}

  /** Changes a message; `to` returns undefined to hide it. `stored` returns the message as the server has it. */
  message<T>(
    { thread_id: threadId, seq }: Message,
    to: (message: Message) => Message | undefined,
    request: () => Promise<T>,
    stored: (result: T, known: Message) => Message | undefined,
  ): Promise<T> {
    return this.#change({ message: { threadId, seq, to } }, request, (result, isFresh) => {
      const known = this.state.opened.get(threadId)?.find(seq);
      if (!known || !isFresh(messageKey(threadId, seq))) return;
      const left = stored(result, known);
      if (left) this.state.putMessage(left);
      else this.state.removeMessage(threadId, seq);
    });
  }

  async thread(id: string, to: (thread: Thread) => Thread, request: () => Promise<unknown>): Promise<void> {
    await this.#change({ thread: { id, to } }, request, (_result, isFresh) => {
      if (!isFresh(threadKey(id))) return;
      const { threads, opened, counts, threadOf, putThread } = this.state;
      const before = threadOf(id);
      if (counts && before && isFresh(COUNTS)) {
        const messages = counts.messages + to(before).unread_count - before.unread_count;
        this.state.counts = { ...counts, messages };
      }
      const [listed, shown] = [threads.get(id), opened.get(id)];
      if (listed) putThread(to(listed));
      if (shown?.thread) shown.thread = to(shown.thread);
    });
  }

  async notifications(
    notification: (row: Notification) => Notification | undefined,
    request: () => Promise<unknown>,
    counts?: (counts: Counts) => Counts,
  ): Promise<void> {
    await this.#change({ notification, counts }, request, (_result, isFresh) => {
      const { notifications } = this.state;
      if (this.state.counts && isFresh(COUNTS)) {
        const after = countsAfter(this.state.counts, [...notifications.values()], notification);
        this.state.counts = counts ? counts(after) : after;
      }
      for (const [id, row] of notifications) {
        const left = isFresh(notificationKey(id)) ? notification(row) : row;
        if (!left) this.state.removeNotification(id);
        else if (left !== row) this.state.putNotification(left);
      }
    });
  }

  /** Changes preferences, one change after the other: each response has all changes before it. */
  preferences(
    to: (preferences: Preferences) => Preferences,
    request: () => Promise<Preferences>,
  ): Promise<Preferences> {
    const { state } = this;
    const last = this.#last;
    let before: Preferences | undefined;
    const inTurn = async () => {
      await last;
      before = state.preferences;
      return request();
    };
    const changed = this.#change({ preferences: to }, inTurn, (result) => {
      const known = state.preferences;
      // What was loaded meanwhile may be older or newer. Preferences that were never loaded would not be followed.
      state.preferences = known && (known === before ? result : to(known));
    });
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  async #change<T>(
    change: OwnChange,
    request: () => Promise<T>,
    confirmed: (result: T, isFresh: IsFresh) => void,
  ): Promise<T> {
    this.own.add(change);
    this.onChange();
    try {
      return await this.loads.follow(async (isFresh) => {
        const result = await request();
        confirmed(result, isFresh);
        return result;
      });
    } finally {
      this.own.delete(change);
      this.onChange();
    }
  }
}
