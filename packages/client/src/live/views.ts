import type { TidingsError } from '../errors.js';
import type { Counts, Message, Notification, Preferences, ReadMark, Thread } from '../types.js';
import type { Drafts } from './drafts.js';
import type { ListWindow, LoadStatus } from './list-window.js';
import type { OwnChanges } from './own-changes.js';
import type { SendQueue } from './send-queue.js';
import type { ServerState } from './server-state.js';
import type { UnsentMessage } from './unsent-message.js';

/**
 * A list, as far as it was loaded.
 *
 * @example
 * const { rows, hasMore }: ListView<Thread> = tidings.store.threads.getSnapshot();
 */
export interface ListView<T> {
  rows: T[];
  status: LoadStatus;
  error: TidingsError | undefined;
  hasMore: boolean;
}

/**
 * Messages of a thread, oldest first and without a gap, and those that the server has not confirmed.
 *
 * @example
 * const { rows, unsent }: MessagesView = tidings.store.messages(threadId).getSnapshot();
 */
export interface MessagesView {
  rows: Message[];
  unsent: UnsentMessage[];
  status: LoadStatus;
  error: TidingsError | undefined;
  hasOlder: boolean;
  hasNewer: boolean;
}

/** What the person sees: what the server sent, with their own changes on top. */
export class Views {
  constructor(
    private readonly state: ServerState,
    private readonly changes: OwnChanges,
    private readonly queue: SendQueue,
    private readonly drafts: Drafts,
  ) {}

  threads = (isArchived: boolean): ListView<Thread> => {
    const list = isArchived ? this.state.lists.archived : this.state.lists.threads;
    const rows = [...this.state.threads.values()].map(this.changes.thread);
    return viewOf(
      list,
      rows.filter(({ archived }) => archived === isArchived),
    );
  };

  feed = (): ListView<Notification> => {
    const rows = [...this.state.notifications.values()].flatMap(
      (row) => this.changes.notification(row) ?? [],
    );
    return viewOf(
      this.state.lists.feed,
      rows.filter(({ status }) => status !== 'archived'),
    );
  };

  thread = (id: string): Thread | undefined => {
    const thread = this.state.threadOf(id);
    return thread && this.changes.thread(thread);
  };

  marks = (id: string): ReadMark[] => this.state.opened.get(id)?.marks ?? NOTHING;

  draft = (id: string): string => this.drafts.of(id);

  messages = (id: string): MessagesView => {
    const opened = this.state.opened.get(id);
    return {
      rows: opened?.messages.flatMap((message) => this.changes.message(message) ?? []) ?? [],
      // A frame may bring the message before the response does.
      unsent: this.queue.of(id).filter((message) => !opened?.hasToken(message.client_token)),
      status: opened?.status ?? 'loading',
      error: opened?.error,
      hasOlder: opened?.status === 'ready' && opened.older !== null,
      hasNewer: opened?.status === 'ready' && opened.newest !== Number.POSITIVE_INFINITY,
    };
  };

  preferences = (): Preferences | undefined => {
    const { preferences } = this.state;
    return preferences && this.changes.preferences(preferences);
  };

  counts = (): Counts | undefined => {
    const { counts } = this.state;
    if (!counts) return undefined;
    const { threadIds, hasNotifications } = this.changes;
    // By what the rows say: a frame brings rows and counts together, so that nothing is subtracted twice.
    const messages = threadIds
      .flatMap((id) => this.state.threadOf(id) ?? [])
      .map((thread) => this.changes.thread(thread).unread_count - thread.unread_count)
      .reduce((sum, difference) => sum + difference, counts.messages);
    const rows = hasNotifications ? [...this.state.notifications.values()] : [];
    return this.changes.counts(countsAfter({ ...counts, messages }, rows, this.changes.notification));
  };
}

/** The counts after a change of notifications. */
export function countsAfter(
  counts: Counts,
  rows: Notification[],
  change: (row: Notification) => Notification | undefined,
): Counts {
  let { notifications } = counts;
  const byType = { ...counts.notifications_by_type };
  for (const row of rows) {
    const difference = unread(change(row)) - unread(row);
    notifications += difference;
    if (difference !== 0) byType[row.type] = (byType[row.type] ?? 0) + difference;
    if (byType[row.type] === 0) delete byType[row.type];
  }
  return { ...counts, notifications, notifications_by_type: byType };
}

/** The counts without unread notifications of some types. */
export function countsWithout(counts: Counts, isMeant: (type: string) => boolean): Counts {
  const left = Object.entries(counts.notifications_by_type).filter(([type]) => !isMeant(type));
  return {
    ...counts,
    notifications: left.reduce((sum, [, count]) => sum + count, 0),
    notifications_by_type: Object.fromEntries(left),
  };
}

const NOTHING: ReadMark[] = [];

const unread = (notification: Notification | undefined): number =>
  notification?.status === 'unread' ? 1 : 0;

const viewOf = <T>(list: ListWindow<T> | undefined, rows: T[]): ListView<T> => ({
  rows: list ? list.inOrder(rows.filter(list.includes)) : [],
  status: list?.status ?? 'loading',
  error: list?.error,
  hasMore: typeof list?.next === 'string',
});
