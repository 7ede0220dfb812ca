import type { CallOptions, Http } from '../http.js';
import type { Changes } from '../types.js';

/** Beyond the time that the server waits. */
const MARGIN_MILLISECONDS = 10_000;

/**
 * What changed since a cursor. The live store asks this by itself.
 *
 * @example
 * const { cursor } = await tidings.realtime.changes();
 * const changes = await tidings.realtime.changes({ cursor, wait: 25 });
 */
export class RealtimeRoutes {
  constructor(private readonly http: Http) {}

  /** Waits up to `wait` seconds if nothing has changed. Without a cursor it returns the cursor of now. */
  changes = (
    { threads, ...query }: { cursor?: string; wait?: number; threads?: string[] } = {},
    options?: CallOptions & { attempts?: number },
  ): Promise<Changes> =>
    this.http.request('GET', 'realtime/changes', {
      query: { ...query, threads: threads?.length ? threads.join(',') : undefined },
      milliseconds: 1000 * (query.wait ?? 0) + MARGIN_MILLISECONDS,
      ...options,
    });

  /** Returns the position of the feed of notifications, for the WebSocket protocol `tidings`. */
  position = (options?: CallOptions): Promise<{ last_seq: number }> => this.http.get('realtime', {}, options);
}
