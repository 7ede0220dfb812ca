import { type CallOptions, type Http, path } from '../http.js';
import type { BlockedPerson } from '../types.js';

/**
 * People whom the person has blocked.
 *
 * @example
 * await tidings.blocks.block('theo');
 */
export class BlockRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the blocked people. */
  list = (
    query: { limit?: number; cursor?: string } = {},
    options?: CallOptions,
  ): Promise<{ data: BlockedPerson[]; next_cursor: string | null }> =>
    this.http.get('messages/users/blocked', query, options);

  /** Hides all messages of a person. They do not learn it. */
  block = (person: string, options?: CallOptions): Promise<void> =>
    this.http.post(path`messages/users/${person}/block`, {}, options);

  /** Shows their messages again. */
  unblock = (person: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`messages/users/${person}/block`, {}, options);
}
