import type { Counts, Notification, Preferences, Presence, ReadMark, Thread } from '../types.js';
import type { Connection } from './change-source.js';
import type { Loader } from './loader.js';
import type { Loads } from './loads.js';
import type { LoadErrors, ServerState } from './server-state.js';
import type { Slice, Slices } from './slice.js';
import type { Sync } from './sync.js';
import type { ListView, MessagesView, Views } from './views.js';

export interface StoreOptions {
  slices: Slices;
  views: Views;
  state: ServerState;
  loader: Loader;
  loads: Loads;
  sync: Sync;
}

/**
 * What the person sees, kept up to date: threads, messages, counts, notifications and preferences. A part is loaded when
 * something subscribes to it.
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
  /** Why counts or preferences could not be loaded. Other parts have the reason in their `error`. */
  readonly errors: Slice<LoadErrors>;

  constructor(private readonly options: StoreOptions) {
    const { slices, views, state, loader, loads, sync } = options;
    const { lists } = loader;
    const part = <T>(key: Part, view: () => T, load: () => Promise<void>): Slice<T> => {
      const first = () => (state.isFirst(key) ? load() : undefined);
      return this.#slice(key, view, first, load);
    };
    this.connection = this.#slice('connection', () => sync.connection, loads.begin);
    this.threads = part(
      'threads',
      () => views.threads(false),
      () => lists.threads(false),
    );
    this.archivedThreads = part(
      'archived',
      () => views.threads(true),
      () => lists.threads(true),
    );
    this.feed = part('feed', views.feed, lists.feed);
    this.counts = part('counts', views.counts, loader.counts);
    this.preferences = part('preferences', views.preferences, loader.preferences);
    const errors = () => ({ ...state.errors });
    this.errors = slices.get('errors', errors, () => undefined);
  }

  /** One thread; undefined until it is loaded, and once the person no longer sees it. */
  thread = (id: string): Slice<Thread | undefined> =>
    this.#sliceOfThread('thread', id, () => this.options.views.thread(id));

  /** The messages of a thread. */
  messages = (id: string): Slice<MessagesView> =>
    this.#sliceOfThread('messages', id, () => this.options.views.messages(id));

  /** Up to where people have read a thread. */
  marks = (id: string): Slice<ReadMark[]> =>
    this.#sliceOfThread('marks', id, () => this.options.views.marks(id));

  /** What the person has written in a thread and not submitted. */
  draft = (id: string): Slice<string> => {
    const { views, loads } = this.options;
    return this.#slice(`draft ${id}`, () => views.draft(id), loads.begin);
  };

  /** The ids of the people who type in a thread now. */
  typing = (id: string): Slice<readonly string[]> =>
    this.#sliceOfThread('typing', id, () => this.options.sync.signals.typists(id));

  /** Whether a person of a thread in focus is online; undefined while that is not known. */
  presence = (userId: string): Slice<Presence | undefined> =>
    this.#slice(
      `presence ${userId}`,
      () => this.options.sync.signals.presence(userId),
      () => undefined,
    );

  /** Loads the next page of threads. */
  loadMoreThreads = ({ archived = false }: { archived?: boolean } = {}): Promise<void> =>
    this.options.loader.lists.moreThreads(archived);

  /** Loads the next page of notifications. */
  loadMoreNotifications = (): Promise<void> => this.options.loader.lists.moreFeed();

  /** Loads the page before the messages that are shown. */
  loadOlder = (threadId: string): Promise<void> =>
    this.options.loader.history.older(this.options.state.open(threadId));

  /** Loads the page after the messages that are shown. */
  loadNewer = (threadId: string): Promise<void> =>
    this.options.loader.history.newer(this.options.state.open(threadId));

  /** Shows the messages around one, such as a quoted one or the first unread one. */
  jumpTo = (threadId: string, seq: number): Promise<void> =>
    this.options.loader.history.around(this.options.state.open(threadId), seq);

  #slice<T>(
    key: string,
    view: () => T,
    load: () => Promise<void> | undefined,
    reload?: () => Promise<void>,
  ): Slice<T> {
    const onUse = (isUsed: boolean) => {
      if (isUsed) void load();
    };
    return this.options.slices.get(key, view, onUse, reload);
  }

  #sliceOfThread<T>(kind: (typeof OF_A_THREAD)[number], id: string, view: () => T): Slice<T> {
    const { slices, sync, state, loader } = this.options;
    const onUse = () => {
      if (OF_A_THREAD.some((one) => slices.isUsed(`${one} ${id}`))) sync.show(state.open(id));
      else sync.hide(id);
    };
    return slices.get(`${kind} ${id}`, view, onUse, () => loader.history.load(state.open(id)));
  }
}

type Part = Parameters<ServerState['isFirst']>[0];

const OF_A_THREAD = ['thread', 'messages', 'marks', 'typing'] as const;
