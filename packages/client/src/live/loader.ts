import type { TidingsError } from '../errors.js';
import type { MessageRoutes } from '../routes/messages.js';
import type { NotificationRoutes } from '../routes/notifications.js';
import type { PreferenceRoutes } from '../routes/preferences.js';
import type { ThreadRoutes } from '../routes/threads.js';
import type { Message, ThreadPage } from '../types.js';
import { keep } from './keep.js';
import type { ListWindow, Page } from './list-window.js';
import type { IsFresh, Loads } from './loads.js';
import { type OpenThread, type Run, threadKey } from './open-thread.js';
import { COUNTS, type ServerState, notificationKey } from './server-state.js';

export interface Routes {
  threads: ThreadRoutes;
  messages: MessageRoutes;
  notifications: NotificationRoutes;
  preferences: PreferenceRoutes;
}

export interface LoaderOptions {
  routes: Routes;
  state: ServerState;
  loads: Loads;
  /** Resolves once there is a cursor: what is loaded after it is kept up to date from it. */
  started: () => Promise<void>;
  onLoad: () => void;
  signal: AbortSignal;
}

const LIST_ROWS = 50;
const MESSAGE_ROWS = 50;
/** After a reset, a thread is loaded again as far as it was shown, but no further than this. */
const RELOAD_ROWS = 100;
const RELOAD_PAGES = 10;

/** Loads what is shown into the state, and again when the server says so. */
export class Loader {
  constructor(private readonly options: LoaderOptions) {}

  threads(isArchived: boolean): Promise<void> {
    const { state, routes } = this.options;
    const list = isArchived ? state.lists.archived : state.lists.threads;
    return this.list(`threads ${isArchived}`, list!, {
      page: (cursor) => routes.threads.list({ archived: isArchived, limit: LIST_ROWS, cursor }, this.call),
      known: state.threads,
      keyOf: threadKey,
      belongs: ({ archived }) => archived === isArchived,
    });
  }

  feed(): Promise<void> {
    const { state, routes } = this.options;
    return this.list('feed', state.lists.feed!, {
      page: (cursor) => routes.notifications.list({ limit: LIST_ROWS, cursor }, this.call),
      known: state.notifications,
      keyOf: notificationKey,
      belongs: () => true,
    });
  }

  moreThreads(isArchived: boolean): Promise<void> {
    const { state, routes } = this.options;
    const list = isArchived ? state.lists.archived : state.lists.threads;
    return this.more(list, state.threads, threadKey, (cursor) =>
      routes.threads.list({ archived: isArchived, limit: LIST_ROWS, cursor }, this.call),
    );
  }

  moreFeed(): Promise<void> {
    const { state, routes } = this.options;
    return this.more(state.lists.feed, state.notifications, notificationKey, (cursor) =>
      routes.notifications.list({ limit: LIST_ROWS, cursor }, this.call),
    );
  }

  counts(): Promise<void> {
    const { routes, state } = this.options;
    return this.repeat('counts', async (isFresh) => {
      const [messages, notifications] = await Promise.all([
        routes.messages.unreadCount(this.call),
        routes.notifications.unreadCount(this.call),
      ]);
      if (!isFresh(COUNTS)) return;
      state.counts = {
        messages: messages.unread_count,
        notifications: notifications.unread_count,
        notifications_by_type: notifications.by_type,
      };
    });
  }

  preferences(): Promise<void> {
    const { routes, state } = this.options;
    return this.repeat('preferences', async () => {
      state.preferences = await routes.preferences.get(this.call);
    });
  }

  /** The messages of a thread: as far as they were shown, or the newest. */
  messages(opened: OpenThread): Promise<void> {
    return this.repeat(
      `messages ${opened.id}`,
      async (isFresh) => {
        opened.isStale = false;
        const isAtEnd = opened.newest === Number.POSITIVE_INFINITY;
        const { page, run } = await (isAtEnd ? this.newestRun(opened) : this.sameRun(opened));
        opened.describe(page, isFresh);
        opened.show(run, isFresh);
      },
      (error) => opened.fail(error),
    );
  }

  async older(opened: OpenThread): Promise<void> {
    const { older: cursor } = opened;
    if (cursor === null || opened.status !== 'ready') return;
    await this.extend(opened, { cursor }, ({ messages: [first], next_cursor: next }) => {
      opened.older = next;
      opened.oldest = next === null ? 0 : (first?.seq ?? opened.oldest);
    });
  }

  async newer(opened: OpenThread): Promise<void> {
    const { newest } = opened;
    if (newest === Number.POSITIVE_INFINITY || opened.status !== 'ready') return;
    await this.extend(opened, { after_seq: newest }, ({ messages, next_cursor: next }) => {
      opened.newest = next === null ? Number.POSITIVE_INFINITY : (messages.at(-1)?.seq ?? newest);
    });
  }

  /** Shows the messages around one, wherever it is. */
  async around(opened: OpenThread, seq: number): Promise<void> {
    await this.options.loads.follow(async (isFresh) => {
      const page = await this.page(opened.id, { around_seq: seq, limit: RELOAD_ROWS });
      const last = page.messages.at(-1)?.seq ?? seq;
      opened.older = page.next_cursor;
      opened.describe(page, isFresh);
      opened.show(
        {
          rows: page.messages,
          oldest: oldestOf(page, page.messages),
          newest: last >= page.last_seq ? Number.POSITIVE_INFINITY : last,
        },
        isFresh,
      );
    });
    this.options.onLoad();
  }

  private async newestRun(opened: OpenThread): Promise<{ page: ThreadPage; run: Run }> {
    const isAgain = opened.status === 'ready';
    const { oldest } = opened;
    const limit = isAgain ? RELOAD_ROWS : MESSAGE_ROWS;
    const first = await this.page(opened.id, { limit });
    let [page, rows] = [first, first.messages];
    const isShort = () => isAgain && page.next_cursor !== null && oldestOf(page, rows) > oldest;
    for (let pages = 1; isShort() && pages < RELOAD_PAGES; pages++) {
      page = await this.page(opened.id, { limit, cursor: page.next_cursor! });
      rows = [...page.messages, ...rows];
    }
    opened.older = page.next_cursor;
    return { page: first, run: { rows, oldest: oldestOf(page, rows), newest: Number.POSITIVE_INFINITY } };
  }

  private async sameRun(opened: OpenThread): Promise<{ page: ThreadPage; run: Run }> {
    const { oldest, newest } = opened;
    let page = await this.page(opened.id, { limit: RELOAD_ROWS, after_seq: Math.max(0, oldest - 1) });
    const first = page;
    let rows = page.messages;
    const last = () => (page.next_cursor === null ? Number.POSITIVE_INFINITY : (rows.at(-1)?.seq ?? oldest));
    for (let pages = 1; last() < newest && pages < RELOAD_PAGES; pages++) {
      page = await this.page(opened.id, { limit: RELOAD_ROWS, cursor: page.next_cursor! });
      rows = [...rows, ...page.messages];
    }
    return { page: first, run: { rows, oldest, newest: last() } };
  }

  private async extend(
    opened: OpenThread,
    query: { cursor?: string; after_seq?: number },
    move: (page: ThreadPage) => void,
  ): Promise<void> {
    const { run } = opened;
    await this.options.loads.follow(async (isFresh) => {
      const page = await this.page(opened.id, { limit: MESSAGE_ROWS, ...query });
      // Another run is shown by now, or this page was added already.
      if (opened.run !== run) return;
      opened.run++;
      opened.extend(page.messages, isFresh);
      move(page);
    });
    this.options.onLoad();
  }

  private async list<T extends { id: string }>(
    key: string,
    list: ListWindow<T>,
    { page, known, keyOf, belongs }: ListSource<T>,
  ): Promise<void> {
    await this.repeat(
      key,
      async (isFresh) => {
        const pages: Page<T>[] = [];
        do pages.push(await page(pages.at(-1)?.next_cursor ?? undefined));
        while (pages.length < list.pages && pages.at(-1)!.next_cursor !== null);
        const before = new Map(known);
        for (const [id, row] of before) if (belongs(row) && isFresh(keyOf(id))) known.delete(id);
        list.restart();
        for (const { data, next_cursor } of pages) {
          const rows = data.map((row) => keep(before.get(row.id), row));
          take(list, { data: rows, next_cursor }, known, (row) => isFresh(keyOf(row.id)));
        }
        list.status = 'ready';
        list.error = undefined;
      },
      (error) => {
        list.status = 'error';
        list.error = error;
      },
    );
  }

  private async more<T extends { id: string }>(
    list: ListWindow<T> | undefined,
    known: Map<string, T>,
    keyOf: (id: string) => string,
    page: (cursor: string) => Promise<Page<T>>,
  ): Promise<void> {
    const cursor = list?.next;
    if (!list || typeof cursor !== 'string') return;
    await this.options.loads.follow(async (isFresh) => {
      const next = await page(cursor);
      if (list.next === cursor) take(list, next, known, (row) => isFresh(keyOf(row.id)));
    });
    this.options.onLoad();
  }

  private async repeat(
    key: string,
    work: (isFresh: IsFresh) => Promise<void>,
    refused: (error: TidingsError) => void = () => undefined,
  ): Promise<void> {
    const { loads, started, onLoad } = this.options;
    await loads.repeat(
      key,
      async (isFresh) => {
        await started();
        await work(isFresh);
        onLoad();
      },
      (error) => {
        refused(error);
        onLoad();
      },
    );
  }

  private page = (
    id: string,
    query: { limit: number; cursor?: string; after_seq?: number; around_seq?: number },
  ): Promise<ThreadPage> => this.options.routes.threads.get(id, query, this.call);

  private get call(): { signal: AbortSignal } {
    return { signal: this.options.signal };
  }
}

interface ListSource<T> {
  page: (cursor?: string) => Promise<Page<T>>;
  known: Map<string, T>;
  keyOf: (id: string) => string;
  /** Whether the row is one of this list. */
  belongs: (row: T) => boolean;
}

function take<T extends { id: string }>(
  list: ListWindow<T>,
  page: Page<T>,
  known: Map<string, T>,
  isFresh: (row: T) => boolean,
): void {
  list.add(page);
  for (const row of page.data) if (isFresh(row)) known.set(row.id, row);
}

/** A page may have no message that the person sees. */
const oldestOf = ({ next_cursor: next, last_seq: last }: ThreadPage, rows: Message[]): number =>
  next === null ? 0 : (rows[0]?.seq ?? last + 1);
