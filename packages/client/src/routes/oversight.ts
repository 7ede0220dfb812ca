import { type CallOptions, type Http, path } from '../http.js';
import type { MessageVersion, OverseenMessage, OverseenThread, OverseenThreadsQuery } from '../types.js';

interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

/**
 * Reads any thread of the organization, with the permission `messages:monitor`. The audit log keeps the reason of every
 * call.
 *
 * @example
 * const oversight: OversightReadRoutes = oversightOf(tidings);
 * const { data } = await oversight.threads('Complaint 2031', { person: 'theo' });
 */
export class OversightReadRoutes {
  constructor(protected readonly http: Http) {}

  /** Returns a page of the threads of the organization, newest first. */
  threads = (
    reason: string,
    query: OverseenThreadsQuery = {},
    options?: CallOptions,
  ): Promise<Page<OverseenThread>> => this.#read('admin/threads', reason, query, options);

  /** Returns a page of the messages of a thread, newest first, deleted ones included. */
  messages = (
    threadId: string,
    reason: string,
    query: { limit?: number; cursor?: string } = {},
    options?: CallOptions,
  ): Promise<Page<OverseenMessage>> =>
    this.#read(path`admin/threads/${threadId}/messages`, reason, query, options);

  /** Returns a page of the earlier texts of a message, oldest first. */
  versions = (
    messageId: string,
    reason: string,
    query: { limit?: number; cursor?: string } = {},
    options?: CallOptions,
  ): Promise<Page<MessageVersion>> =>
    this.#read(path`admin/messages/${messageId}/versions`, reason, query, options);

  #read<T>(route: string, reason: string, query: object, options?: CallOptions): Promise<T> {
    return this.http.request('GET', route, {
      query,
      headers: { 'X-Access-Reason': headerValue(reason) },
      ...options,
    });
  }
}

/**
 * Returns the functions of oversight. They are not part of every client, because few pages need them.
 *
 * @example
 * const { data } = await oversightOf(tidings).threads('Complaint 2031', { person: 'theo' });
 */
export const oversightOf = ({ http }: { http: Http }): OversightReadRoutes => new OversightReadRoutes(http);

/** A header has one line, and any text only as the bytes of UTF-8, one character each: fetch refuses others. */
const headerValue = (text: string): string =>
  String.fromCharCode(...new TextEncoder().encode(text)).replaceAll(/[\r\n ]+/g, ' ');
