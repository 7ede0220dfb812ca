import type { Query, QueryClient } from '@tanstack/react-query';
import type { Source } from './source.js';
import { schedule } from './updates.js';

const sources = new WeakMap<object, Source<unknown>>();

/** Names the source of the queries that have this function. */
export function connect<F extends object>(queryFn: F, source: Source<unknown>): F {
  sources.set(queryFn, source);
  return queryFn;
}

const followed = new WeakSet<QueryClient>();

/** Keeps all queries whose data comes from a store up to date. */
export function followQueries(queryClient: QueryClient): void {
  if (followed.has(queryClient)) return;
  followed.add(queryClient);
  const cache = queryClient.getQueryCache();
  const followers = new WeakMap<Query, QueryFollower>();
  const follow = (query: Query) => {
    const source = typeof query.options.queryFn === 'function' && sources.get(query.options.queryFn);
    if (!source) return;
    const follower = followers.get(query) ?? new QueryFollower(query, source);
    followers.set(query, follower);
    schedule(follower.update);
  };
  cache.subscribe(({ type, query }) => {
    if (type === 'removed') followers.get(query)?.stop();
    else follow(query);
  });
  for (const query of cache.getAll()) follow(query);
}

/** Writes what the source has into the query, from its first use until it is removed from the cache. */
class QueryFollower {
  #unsubscribe?: () => void;
  #isRemoved = false;
  /** What was read last, and what the query made of it: options of the page may have it copied. */
  #last: { read?: unknown; written?: unknown } = {};

  constructor(
    private readonly query: Query,
    private readonly source: Source<unknown>,
  ) {}

  readonly update = (): void => {
    const { query, source } = this;
    if (this.#isRemoved) return;
    const isLoading = query.state.fetchStatus !== 'idle';
    if (query.isActive() || isLoading) this.#unsubscribe ??= source.slice.subscribe(this.#changed);
    // While it is loading, its function returns the data. That ends with another update.
    if (this.#unsubscribe && !isLoading) this.#write();
  };

  stop(): void {
    this.#isRemoved = true;
    this.#unsubscribe?.();
  }

  readonly #changed = (): void => schedule(this.update);

  #write(): void {
    const { query } = this;
    const { data, error } = this.source.read();
    const { state } = query;
    if (error) {
      if (error === state.error && data === state.data) return;
      const errorUpdateCount = state.errorUpdateCount + 1;
      query.setState({ data, error, status: 'error', errorUpdatedAt: Date.now(), errorUpdateCount });
    } else if (data !== undefined && (data !== this.#last.read || state.data !== this.#last.written)) {
      if (data !== state.data) query.setData(data, { manual: true });
      this.#last = { read: data, written: query.state.data };
    }
  }
}
