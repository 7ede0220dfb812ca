import type { Counts, Message, Notification, Preferences, Thread } from '../types.js';

/**
 * A change that the person has made and the server has not confirmed. It is seen on top of what the server sent, so
 * that taking it back restores exactly that. Each function returns undefined for what is gone, and may run twice.
 */
export interface OwnChange {
  thread?: { id: string; to: (thread: Thread) => Thread };
  message?: { threadId: string; seq: number; to: (message: Message) => Message | undefined };
  notification?: (notification: Notification) => Notification | undefined;
  counts?: (counts: Counts) => Counts;
  preferences?: (preferences: Preferences) => Preferences;
}

/** Everything that is not confirmed, in order. */
export class OwnChanges {
  readonly #all = new Set<OwnChange>();

  add = (change: OwnChange): void => void this.#all.add(change);
  delete = (change: OwnChange): void => void this.#all.delete(change);

  get threadIds(): string[] {
    return [...new Set([...this.#all].flatMap(({ thread }) => thread?.id ?? []))];
  }

  get hasNotifications(): boolean {
    return [...this.#all].some(({ notification }) => notification);
  }

  thread = (thread: Thread): Thread => {
    let seen = thread;
    for (const { thread: change } of this.#all) if (change?.id === thread.id) seen = change.to(seen);
    return seen;
  };

  message = (message: Message): Message | undefined => {
    let seen: Message | undefined = message;
    for (const { message: change } of this.#all) {
      if (seen && change?.threadId === message.thread_id && change.seq === message.seq)
        seen = change.to(seen);
    }
    return seen;
  };

  notification = (notification: Notification): Notification | undefined =>
    this.#seen('notification', notification);

  counts = (counts: Counts): Counts => this.#seen('counts', counts)!;

  preferences = (preferences: Preferences): Preferences => this.#seen('preferences', preferences)!;

  #seen<T>(kind: 'notification' | 'counts' | 'preferences', value: T): T | undefined {
    let seen: T | undefined = value;
    for (const own of this.#all) {
      const change = own[kind] as ((seen: T) => T | undefined) | undefined;
      if (seen && change) seen = change(seen);
    }
    return seen;
  }
}
