import { type CallOptions, type Http, path } from '../../http.js';
import type { MessageVersion } from '../../types.js';
import type {
  GroupChange,
  MessagingRules,
  NewMessagingRules,
  OverseenMessage,
  OverseenThread,
  OverseenThreadsQuery,
} from '../administration-types.js';
import type { Page, PageQuery } from '../types.js';

/**
 * Reads and moderates any thread. The audit log keeps the reason of every call. Reading needs the permission
 * `messages:monitor`, everything else `messages:moderate`.
 *
 * @example
 * const { data } = await server.oversight.threads('Complaint 2031', { person: 'theo' });
 */
export class OversightRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the threads of the organization, newest first. */
  threads = (
    reason: string,
    query: OverseenThreadsQuery = {},
    options?: CallOptions,
  ): Promise<Page<OverseenThread>> => this.read('admin/threads', reason, query, options);

  /** Returns a page of the messages of a thread, newest first, deleted ones included. */
  messages = (
    threadId: string,
    reason: string,
    query: PageQuery = {},
    options?: CallOptions,
  ): Promise<Page<OverseenMessage>> =>
    this.read(path`admin/threads/${threadId}/messages`, reason, query, options);

  /** Returns a page of the earlier texts of a message, oldest first. */
  versions = (
    messageId: string,
    reason: string,
    query: PageQuery = {},
    options?: CallOptions,
  ): Promise<Page<MessageVersion>> =>
    this.read(path`admin/messages/${messageId}/versions`, reason, query, options);

  /** Deletes a message for everyone. */
  deleteMessage = (id: string, reason: string, options?: CallOptions): Promise<void> =>
    this.http.request('DELETE', path`admin/messages/${id}`, { body: { reason }, ...options });

  /** Changes the owner or the subject of a group. */
  updateGroup = (
    threadId: string,
    reason: string,
    change: GroupChange,
    options?: CallOptions,
  ): Promise<OverseenThread> =>
    this.http.patch(path`admin/threads/${threadId}`, { ...change, reason }, options);

  /** Adds a person, by id or username, to a group. */
  addParticipant = (
    threadId: string,
    person: string,
    reason: string,
    options?: CallOptions,
  ): Promise<OverseenThread> =>
    this.http.post(path`admin/threads/${threadId}/participants`, { user_id: person, reason }, options);

  /** Removes a person from a group. */
  removeParticipant = (
    threadId: string,
    person: string,
    reason: string,
    options?: CallOptions,
  ): Promise<void> =>
    this.http.request('DELETE', path`admin/threads/${threadId}/participants/${person}`, {
      body: { reason },
      ...options,
    });

  private read<T>(route: string, reason: string, query: object, options?: CallOptions): Promise<T> {
    return this.http.request('GET', route, {
      query,
      headers: { 'X-Access-Reason': bytesOf(reason) },
      ...options,
    });
  }
}

/** A header can have any text only as the bytes of UTF-8, one character each: fetch refuses others. */
const bytesOf = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

/**
 * Who may write to whom. Needs the permission `roles:manage`.
 *
 * @example
 * await server.messagingRules.put({ rules: [{ from_role: 'user', to_role: 'therapist', allows: 'reply' }] });
 */
export class MessagingRuleRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the rules, one for each pair of roles. */
  list = (query: PageQuery = {}, options?: CallOptions): Promise<MessagingRules> =>
    this.http.get('admin/messaging-rules', query, options);

  /** Replaces all rules. */
  put = (rules: NewMessagingRules, options?: CallOptions): Promise<MessagingRules> =>
    this.http.put('admin/messaging-rules', rules, options);
}
