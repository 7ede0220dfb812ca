import { isTemporary } from '../errors.js';
import { type Http, path } from '../http.js';
import { randomId } from '../random-id.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type {
  Changes,
  Counts,
  Message,
  NewMessage,
  Notification,
  Preferences,
  ReadMark,
  Thread,
  ThreadChange,
} from '../types.js';
import type { ChangeListener, ChangeSource, Connection } from './change-source.js';
import { feedWindow, threadWindow } from './list-window.js';
import { Loader, type Routes } from './loader.js';
import { type IsFresh, Loads } from './loads.js';
import { OpenThread, messageKey, threadKey } from './open-thread.js';
import { type OwnChange, OwnChanges } from './own-changes.js';
import { MemoryQueue, type SendQueue, type UnsentMessage } from './send-queue.js';
import { COUNTS, ServerState, notificationKey } from './server-state.js';
import { type Slice, Slices } from './slice.js';
import { type ListView, type MessagesView, Views, countsAfter, countsWithout } from './views.js';

export interface StoreOptions {
  http: Http;
  routes: Routes & { realtime: RealtimeRoutes };
  /** Where changes come from. */
  source: (listener: ChangeListener) => ChangeSource;
}

/** The server tells the messages of so many threads. */
const MAX_SHOWN = 20;

/**
 * What the person sees, kept up to date: threads, messages, counts, notifications and preferences. A part is loaded when
 * something subscribes to it. What the person does shows at once, and is taken back if the server refuses it.
 *
 * @example
 * const { threads } = tidings.store;
 * threads.subscribe(() => render(threads.getSnapshot().rows));
 */
export class Store {
  /** How changes arrive. */
  readonly connection: Slice<Connection>;
  /** Threads that are not archived, newest activity first. */
  readonly threads: Slice<ListView<Thread>>;
  readonly archivedThreads: Slice<ListView<Thread>>;
  /** Unread messages and notifications; undefined until they are loaded. */
  readonly counts: Slice<Counts | undefined>;
  /** Notifications that are not archived, newest first. */
  readonly feed: Slice<ListView<Notification>>;
  readonly preferences: Slice<Preferences | undefined>;

  private readonly closed = new AbortController();
  private readonly loads = new Loads(this.closed.signal);
  private readonly state = new ServerState(this.loads);
  private readonly own = new OwnChanges();
  private readonly slices = new Slices();
  private readonly queue: SendQueue;
  private readonly views: Views;
  private readonly loader: Loader;
  private readonly source: ChangeSource;
  private connectionState: Connection = 'idle';
  private starting?: Promise<void>;
  /** Threads whose messages are shown, the last one first. */
  private shown: string[] = [];

  constructor(private readonly options: StoreOptions) {
    const { signal } = this.closed;
    this.source = options.source({ changed: this.apply, connection: this.setConnection });
    this.queue = new MemoryQueue({ send: this.post, onChange: this.sendChanged, signal });
    this.views = new Views(this.state, this.own, this.queue);
    const onLoad = () => this.update();
    const { routes } = options;
    this.loader = new Loader({
      routes,
      state: this.state,
      loads: this.loads,
      started: this.start,
      onLoad,
      signal,
    });

    const { lists } = this.state;
    this.connection = this.slices.get(
      'connection',
      () => this.connectionState,
      this.whenUsed(() => this.loads.untilDone(this.start, () => undefined)),
    );
    this.threads = this.slices.get(
      'threads',
      () => this.views.threads(false),
      this.whenUsed(() => {
        if (lists.threads) return undefined;
        lists.threads = threadWindow();
        return this.loader.threads(false);
      }),
    );
    this.archivedThreads = this.slices.get(
      'archivedThreads',
      () => this.views.threads(true),
      this.whenUsed(() => {
        if (lists.archived) return undefined;
        lists.archived = threadWindow();
        return this.loader.threads(true);
      }),
    );
    this.feed = this.slices.get(
      'feed',
      this.views.feed,
      this.whenUsed(() => {
        if (lists.feed) return undefined;
        lists.feed = feedWindow();
        return this.loader.feed();
      }),
    );
    this.counts = this.slices.get(
      'counts',
      this.views.counts,
      this.whenUsed(() => (this.state.counts ? undefined : this.loader.counts())),
    );
    this.preferences = this.slices.get(
      'preferences',
      () => this.state.preferences,
      this.whenUsed(() => (this.state.preferences ? undefined : this.loader.preferences())),
    );
  }

  /** One thread; undefined until it is loaded, and once the person no longer sees it. */
  thread = (id: string): Slice<Thread | undefined> =>
    this.slices.get(`thread ${id}`, () => this.views.thread(id), this.whenShown(id));

  /** The messages of a thread. */
  messages = (id: string): Slice<MessagesView> =>
    this.slices.get(`messages ${id}`, () => this.views.messages(id), this.whenShown(id));

  /** Up to where people have read a thread. */
  marks = (id: string): Slice<ReadMark[]> =>
    this.slices.get(`marks ${id}`, () => this.views.marks(id), this.whenShown(id));

  /** Loads the next page of threads. */
  loadMoreThreads = ({ archived = false }: { archived?: boolean } = {}): Promise<void> =>
    this.loader.moreThreads(archived);

  /** Loads the next page of notifications. */
  loadMoreNotifications = (): Promise<void> => this.loader.moreFeed();

  /** Loads the page before the messages that are shown. */
  loadOlder = (threadId: string): Promise<void> => this.loader.older(this.open(threadId));

  /** Loads the page after the messages that are shown. */
  loadNewer = (threadId: string): Promise<void> => this.loader.newer(this.open(threadId));

  /** Shows the messages around one, such as a quoted one or the first unread one. */
  jumpTo = (threadId: string, seq: number): Promise<void> => this.loader.around(this.open(threadId), seq);

  /**
   * Sends a message, after those that the person submitted before to the same thread. It is repeated until the server has
   * it. Resolves then; rejects if the server refuses it, and then it stays in `unsent`.
   */
  send = (threadId: string, message: NewMessage): Promise<Message> =>
    this.queue.add({
      ...message,
      client_token: message.client_token ?? randomId(),
      thread_id: threadId,
      submitted_at: new Date().toISOString(),
      status: 'waiting',
    });

  /** Sends a failed message again, with another text if one is given. */
  retry = (clientToken: string, content?: string): void => this.queue.retry(clientToken, content);

  /** Forgets a failed message. */
  discard = (clientToken: string): void => this.queue.discard(clientToken);

  /** Changes the text of a message. */
  edit = ({ id, thread_id: threadId, seq }: Message, content: string): Promise<Message> =>
    this.change(
      { message: { threadId, seq, to: (message) => ({ ...message, content, edited_at: now() }) } },
      () => this.options.routes.messages.edit(id, content, this.call),
      (edited, isFresh) => {
        if (isFresh(messageKey(threadId, seq))) this.state.putMessage(edited);
      },
    );

  /** Hides a message from the person, or removes its content for everyone. */
  delete = ({ id, thread_id: threadId, seq }: Message, scope: 'me' | 'everyone' = 'me'): Promise<void> => {
    const to = (message: Message) => (scope === 'me' ? undefined : { ...message, content: null });
    return this.change(
      { message: { threadId, seq, to } },
      () => this.options.routes.messages.delete(id, scope, this.call),
      (_nothing, isFresh) => {
        const opened = this.state.opened.get(threadId);
        const known = opened?.find(seq);
        if (!known || !isFresh(messageKey(threadId, seq))) return;
        const left = to(known);
        if (left) this.state.putMessage(left);
        else this.state.removeMessage(threadId, seq);
      },
    );
  };

  /** Marks the messages of a thread up to one as read, or all. */
  markRead = async (threadId: string, upTo?: Message): Promise<void> => {
    const seq = upTo?.seq ?? this.state.threadOf(threadId)?.last_seq ?? 0;
    await this.changeThread(
      threadId,
      (thread) => ({
        ...thread,
        last_read_seq: Math.max(thread.last_read_seq, seq),
        unread_count: Math.min(thread.unread_count, Math.max(0, thread.last_seq - seq)),
      }),
      () => this.options.routes.threads.markRead(threadId, upTo && { up_to: upTo.id }, this.call),
    );
  };

  /** Archives, mutes or renames a thread. */
  updateThread = async (threadId: string, change: ThreadChange): Promise<void> => {
    await this.changeThread(
      threadId,
      (thread) => ({ ...thread, ...change }),
      () => this.options.routes.threads.update(threadId, change, this.call),
    );
  };

  /** Archives a thread, or takes it out of the archive. */
  archive = (threadId: string, archived = true): Promise<void> => this.updateThread(threadId, { archived });

  /** Marks a notification as read or unread, or archives it. */
  updateNotification = async (id: string, status: Notification['status']): Promise<void> => {
    await this.changeNotifications(
      (row) => (row.id === id ? { ...row, status, is_read: status !== 'unread' } : row),
      () => this.options.routes.notifications.update(id, status, this.call),
    );
  };

  /** Deletes a notification. */
  deleteNotification = (id: string): Promise<void> =>
    this.changeNotifications(
      (row) => (row.id === id ? undefined : row),
      () => this.options.routes.notifications.delete(id, this.call),
    );

  /** Marks all notifications as read, or those of a type. */
  markNotificationsRead = async ({ type }: { type?: string } = {}): Promise<void> => {
    const isMeant = (one: string) => type === undefined || one === type;
    await this.changeNotifications(
      (row) =>
        isMeant(row.type) && row.status === 'unread' ? { ...row, status: 'read', is_read: true } : row,
      () => this.options.routes.notifications.markAllRead({ type }, this.call),
      (counts) => countsWithout(counts, isMeant),
    );
  };

  /** Stops following and sending. What was loaded stays. */
  close = (): void => {
    this.closed.abort(new Error('The client is closed.'));
    this.source.stop();
  };

  private get call(): { signal: AbortSignal } {
    return { signal: this.closed.signal };
  }

  /** Takes a cursor first: what is loaded after it is kept up to date from it. */
  private start = (): Promise<void> => {
    this.starting ??= this.begin();
    return this.starting;
  };

  private async begin(): Promise<void> {
    this.setConnection('connecting');
    try {
      const { cursor } = await this.options.routes.realtime.changes({}, this.call);
      this.source.start(cursor);
    } catch (error) {
      this.starting = undefined;
      this.setConnection(isTemporary(error) ? 'offline' : 'ended');
      throw error;
    }
  }

  private whenUsed = (load: () => Promise<void> | undefined) => (isUsed: boolean) => {
    // What was refused shows as an error of the slice.
    if (isUsed) load()?.catch(() => undefined);
  };

  private whenShown = (id: string) => (isUsed: boolean) => {
    const isShown = ['thread', 'messages', 'marks'].some((kind) => this.slices.isUsed(`${kind} ${id}`));
    if (isShown === this.shown.includes(id)) return;
    this.shown = this.shown.filter((one) => one !== id);
    if (isUsed) this.shown.unshift(id);
    this.source.focus(this.shown.slice(0, MAX_SHOWN));
    const opened = this.open(id);
    if (isShown && (opened.isStale || opened.status !== 'ready')) void this.loader.messages(opened);
  };

  private open(id: string): OpenThread {
    const opened = this.state.opened.get(id) ?? new OpenThread(id);
    this.state.opened.set(id, opened);
    return opened;
  }

  private apply = (changes: Changes, shown: ReadonlySet<string>): void => {
    if (changes.reset) return this.reload();
    for (const opened of this.state.apply(changes, shown)) this.reloadMessages(opened);
    if (changes.reset_notifications && this.state.lists.feed) void this.loader.feed();
    if (changes.preferences_changed && this.state.preferences) void this.loader.preferences();
    this.update();
  };

  /** Everything that was loaded may be another. It stays until it is loaded again. */
  private reload(): void {
    const { lists, counts, preferences, opened } = this.state;
    if (lists.threads) void this.loader.threads(false);
    if (lists.archived) void this.loader.threads(true);
    if (lists.feed) void this.loader.feed();
    if (counts) void this.loader.counts();
    if (preferences) void this.loader.preferences();
    for (const thread of opened.values()) this.reloadMessages(thread);
  }

  private reloadMessages(opened: OpenThread): void {
    opened.isStale = true;
    if (this.shown.includes(opened.id)) void this.loader.messages(opened);
  }

  private setConnection = (state: Connection): void => {
    this.connectionState = state;
    this.slices.invalidate('connection');
    this.slices.flush();
  };

  private post = (message: UnsentMessage): Promise<Message> =>
    this.loads.follow(async (isFresh) => {
      const { client_token, thread_id: threadId, content, subject, reply_to_id } = message;
      const stored = await this.options.http.request<Message>(
        'POST',
        path`messages/threads/${threadId}/messages`,
        {
          body: { client_token, content, subject, reply_to_id },
          attempts: 1,
          signal: this.closed.signal,
        },
      );
      if (isFresh(messageKey(threadId, stored.seq))) this.state.putMessage(stored);
      return stored;
    });

  private sendChanged = (threadId: string): void => {
    this.slices.invalidate(`messages ${threadId}`);
    this.slices.flush();
  };

  private async changeThread(
    id: string,
    to: (thread: Thread) => Thread,
    request: () => Promise<unknown>,
  ): Promise<void> {
    await this.change({ thread: { id, to } }, request, (_result, isFresh) => {
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

  private async changeNotifications(
    notification: (row: Notification) => Notification | undefined,
    request: () => Promise<unknown>,
    counts?: (counts: Counts) => Counts,
  ): Promise<void> {
    await this.change({ notification, counts }, request, (_result, isFresh) => {
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

  /** Shows a change at once, and takes it back if the server refuses it. */
  private async change<T>(
    change: OwnChange,
    request: () => Promise<T>,
    confirmed: (result: T, isFresh: IsFresh) => void,
  ): Promise<T> {
    this.own.add(change);
    this.update();
    try {
      return await this.loads.follow(async (isFresh) => {
        const result = await request();
        confirmed(result, isFresh);
        return result;
      });
    } finally {
      this.own.delete(change);
      this.update();
    }
  }

  /** Anything may have changed: slices that have not keep their values. */
  private update(): void {
    this.slices.invalidateAll();
    this.slices.flush();
  }
}

const now = (): string => new Date().toISOString();
