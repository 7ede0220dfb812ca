import type { TidingsError } from '../errors.js';
import type { CallOptions } from '../http.js';
import type { NotificationRoutes } from '../routes/notifications.js';
import type { ThreadRoutes } from '../routes/threads.js';
import type { Notification, Thread } from '../types.js';
import { keep } from './keep.js';
import type { ListWindow, Page } from './list-window.js';
import type { IsFresh, Loads } from './loads.js';
import { threadKey } from './open-thread.js';
import { type ServerState, notificationKey } from './server-state.js';

const ROWS = 50;

/** Where a list comes from, and where its rows go. */
interface Source<T> {
  key: string;
  list: ListWindow<T> | undefined;
  page: (cursor?: string) => Promise<Page<T>>;
  known: Map<string, T>;
  keyOf: (id: string) => string;
  /** Whether the row is one of this list. */
  belongs: (row: T) => boolean;
}

/** Loads the lists of threads and notifications, as far as they are shown. */
export class ListLoader {
  constructor(
    private readonly routes: { threads: ThreadRoutes; notifications: NotificationRoutes },
    private readonly state: ServerState,
    private readonly loads: Loads,
    private readonly call: CallOptions,
  ) {}

  threads = (isArchived: boolean): Promise<void> => this.#load(this.#threadSource(isArchived));
  moreThreads = (isArchived: boolean): Promise<void> => this.#more(this.#threadSource(isArchived));
  feed = (): Promise<void> => this.#load(this.#feedSource());
  moreFeed = (): Promise<void> => this.#more(this.#feedSource());

  #threadSource(isArchived: boolean): Source<Thread> {
    const { lists, threads } = this.state;
    return {
      key: `threads ${isArchived}`,
      list: isArchived ? lists.archived : lists.threads,
      page: (cursor) => this.routes.threads.list({ archived: isArchived, limit: ROWS, cursor }, this.call),
      known: threads,
      keyOf: threadKey,
      belongs: ({ archived }) => archived === isArchived,
    };
  }

  #feedSource(): Source<Notification> {
    const { lists, notifications } = this.state;
    return {
      key: 'feed',
      list: lists.feed,
      page: (cursor) => this.routes.notifications.list({ limit: ROWS, cursor }, this.call),
      known: notifications,
      keyOf: notificationKey,
      belongs: () => true,
    };
  }

  /** All pages that are shown, again. */
  async #load<T extends { id: string }>(source: Source<T>): Promise<void> {
    const { key, list, page, known, keyOf, belongs } = source;
    if (!list) return;
    const work = async (isFresh: IsFresh) => {
      const pages: Page<T>[] = [];
      do pages.push(await page(pages.at(-1)?.next_cursor ?? undefined));
      while (pages.length < list.pages && pages.at(-1)!.next_cursor !== null);
      const before = new Map(known);
      for (const [id, row] of before) if (belongs(row) && isFresh(keyOf(id))) known.delete(id);
      list.restart();
      for (const { data, next_cursor } of pages) {
        const rows = data.map((row) => keep(before.get(row.id), row));
        take(source, list, { data: rows, next_cursor }, isFresh);
      }
      list.status = 'ready';
      list.error = undefined;
    };
    const refused = (error: TidingsError) => {
      list.status = 'error';
      list.error = error;
    };
    await this.loads.repeat(key, work, refused);
  }

  async #more<T extends { id: string }>(source: Source<T>): Promise<void> {
    const { list, page } = source;
    const cursor = list?.next;
    if (!list || typeof cursor !== 'string') return;
    await this.loads.once(async (isFresh) => {
      const next = await page(cursor);
      if (list.next === cursor) take(source, list, next, isFresh);
    });
  }
}

function take<T extends { id: string }>(
  { known, keyOf }: Source<T>,
  list: ListWindow<T>,
  page: Page<T>,
  isFresh: IsFresh,
): void {
  list.add(page);
  for (const row of page.data) if (isFresh(keyOf(row.id))) known.set(row.id, row);
}
