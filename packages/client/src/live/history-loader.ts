import type { CallOptions } from '../http.js';
import type { ThreadRoutes } from '../routes/threads.js';
import type { Message, ThreadPage } from '../types.js';
import type { Loads } from './loads.js';
import type { OpenThread, Run } from './open-thread.js';

const ROWS = 50;
/** After a reset, a thread is loaded again as far as it was shown, but no further than this. */
const RELOAD_ROWS = 100;
const RELOAD_PAGES = 10;

/** Loads the messages of threads. */
export class HistoryLoader {
  constructor(
    private readonly threads: ThreadRoutes,
    private readonly loads: Loads,
    private readonly call: CallOptions,
  ) {}

  /** As far as they were shown, or the newest. */
  load = (opened: OpenThread): Promise<void> =>
    this.loads.repeat(
      `messages ${opened.id}`,
      async (isFresh) => {
        opened.isStale = false;
        const isAtEnd = opened.newest === Number.POSITIVE_INFINITY;
        const { page, run } = await (isAtEnd ? this.#newestRun(opened) : this.#sameRun(opened));
        opened.describe(page, isFresh);
        opened.show(run, isFresh);
      },
      (error) => opened.fail(error),
    );

  /** The page before those that are shown. */
  async older(opened: OpenThread): Promise<void> {
    const { older: cursor } = opened;
    if (cursor === null || opened.status !== 'ready') return;
    await this.#extend(opened, { cursor }, ({ messages: [first], next_cursor: next }) => {
      opened.older = next;
      opened.oldest = next === null ? 0 : (first?.seq ?? opened.oldest);
    });
  }

  /** The page after those that are shown. */
  async newer(opened: OpenThread): Promise<void> {
    const { newest } = opened;
    if (newest === Number.POSITIVE_INFINITY || opened.status !== 'ready') return;
    await this.#extend(opened, { after_seq: newest }, ({ messages, next_cursor: next }) => {
      opened.newest = next === null ? Number.POSITIVE_INFINITY : (messages.at(-1)?.seq ?? newest);
    });
  }

  /** Those around one, wherever it is. */
  around = (opened: OpenThread, seq: number): Promise<void> =>
    this.loads.once(async (isFresh) => {
      const page = await this.#page(opened.id, { around_seq: seq, limit: RELOAD_ROWS });
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

  async #newestRun(opened: OpenThread): Promise<{ page: ThreadPage; run: Run }> {
    const isAgain = opened.status === 'ready';
    const { oldest } = opened;
    const limit = isAgain ? RELOAD_ROWS : ROWS;
    const first = await this.#page(opened.id, { limit });
    let [page, rows] = [first, first.messages];
    const isShort = () => isAgain && page.next_cursor !== null && oldestOf(page, rows) > oldest;
    for (let pages = 1; isShort() && pages < RELOAD_PAGES; pages++) {
      page = await this.#page(opened.id, { limit, cursor: page.next_cursor! });
      rows = [...page.messages, ...rows];
    }
    opened.older = page.next_cursor;
    return { page: first, run: { rows, oldest: oldestOf(page, rows), newest: Number.POSITIVE_INFINITY } };
  }

  async #sameRun(opened: OpenThread): Promise<{ page: ThreadPage; run: Run }> {
    const { oldest, newest } = opened;
    let page = await this.#page(opened.id, { limit: RELOAD_ROWS, after_seq: Math.max(0, oldest - 1) });
    const first = page;
    let rows = page.messages;
    const last = () => (page.next_cursor === null ? Number.POSITIVE_INFINITY : (rows.at(-1)?.seq ?? oldest));
    for (let pages = 1; last() < newest && pages < RELOAD_PAGES; pages++) {
      page = await this.#page(opened.id, { limit: RELOAD_ROWS, cursor: page.next_cursor! });
      rows = [...rows, ...page.messages];
    }
    return { page: first, run: { rows, oldest, newest: last() } };
  }

  #extend(
    opened: OpenThread,
    query: { cursor?: string; after_seq?: number },
    move: (page: ThreadPage) => void,
  ): Promise<void> {
    const { run } = opened;
    return this.loads.once(async (isFresh) => {
      const page = await this.#page(opened.id, { limit: ROWS, ...query });
      // Another run is shown by now, or this page was added already.
      if (opened.run !== run) return;
      opened.run++;
      opened.extend(page.messages, isFresh);
      move(page);
    });
  }

  #page = (
    id: string,
    query: { limit: number; cursor?: string; after_seq?: number; around_seq?: number },
  ): Promise<ThreadPage> => this.threads.get(id, query, this.call);
}

/** A page may have no message that the person sees. */
const oldestOf = ({ next_cursor: next, last_seq: last }: ThreadPage, rows: Message[]): number =>
  next === null ? 0 : (rows[0]?.seq ?? last + 1);
