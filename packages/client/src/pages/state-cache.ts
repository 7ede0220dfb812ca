import type { KeptWindow, Lists } from '../live/list-window.js';
import type { KeptThread } from '../live/open-thread.js';
import type { ServerState } from '../live/server-state.js';
import type { Counts, Notification, Preferences, Thread } from '../types.js';
import type { Kept } from './kept.js';

/** What a page showed last. */
interface KeptState {
  threads: Thread[];
  notifications: Notification[];
  lists: Partial<Record<keyof Lists, KeptWindow>>;
  counts?: Counts;
  preferences?: Preferences;
  opened: KeptThread[];
}

const PAUSE_MILLISECONDS = 2000;
/** The threads that were opened last. */
const MAX_OPENED = 20;
const KIND = 'state';

/**
 * Keeps what the store shows, so that the next page shows it at once, and also without a connection, until everything is
 * loaded again.
 */
export class StateCache {
  #kept?: KeptState;
  #timer?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly state: ServerState,
    private readonly storage: Kept,
  ) {}

  async load(): Promise<void> {
    [this.#kept] = await this.storage.all<KeptState>(KIND);
    const { state } = this;
    state.restore = this.#restore;
    for (const part of ['counts', 'preferences', ...(Object.keys(state.lists) as (keyof Lists)[])] as const)
      this.#restore(part);
    for (const opened of state.opened.values()) this.#restore(opened);
  }

  /** Something has changed. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.storage.put(KIND, KIND, this.#now());
    }, PAUSE_MILLISECONDS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #restore: ServerState['restore'] = (part) => {
    const { state } = this;
    const kept = this.#kept;
    if (!kept) return;
    if (part === 'counts') state.counts ??= kept.counts;
    else if (part === 'preferences') state.preferences ??= kept.preferences;
    else if (typeof part === 'string') this.#restoreList(part, kept);
    else {
      const known = kept.opened.find(({ id }) => id === part.id);
      if (known && part.status === 'loading') part.restore(known);
    }
  };

  #restoreList(part: keyof Lists, kept: KeptState): void {
    const { state } = this;
    const [list, window] = [state.lists[part], kept.lists[part]];
    if (!list || !window || list.status !== 'loading') return;
    list.restore(window);
    for (const row of kept.threads) if (!state.threads.has(row.id)) state.threads.set(row.id, row);
    for (const row of kept.notifications)
      if (!state.notifications.has(row.id)) state.notifications.set(row.id, row);
  }

  #now(): KeptState {
    const { threads, notifications, lists, counts, preferences, opened } = this.state;
    const ready = (Object.keys(lists) as (keyof Lists)[]).filter((name) => lists[name]!.status === 'ready');
    return {
      threads: [...threads.values()],
      notifications: [...notifications.values()],
      lists: Object.fromEntries(
        ready.map((name) => [name, { next: lists[name]!.next, bottom: lists[name]!.bottom }]),
      ),
      counts,
      preferences,
      opened: [...opened.values()].slice(-MAX_OPENED).flatMap((thread) => thread.toKept() ?? []),
    };
  }
}
