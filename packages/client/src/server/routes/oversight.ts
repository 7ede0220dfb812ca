import { type CallOptions, type Http, path } from '../../http.js';
import { OversightReadRoutes } from '../../routes/oversight.js';
import type { OverseenThread } from '../../types.js';
import type { GroupChange, MessagingRules, NewMessagingRules } from '../administration-types.js';
import type { PageQuery } from '../types.js';

/**
 * Reads and moderates any thread. The audit log keeps the reason of every call. Reading needs the permission
 * `messages:monitor`, everything else `messages:moderate`.
 *
 * @example
 * const { data } = await server.oversight.threads('Complaint 2031', { person: 'theo' });
 */
export class OversightRoutes extends OversightReadRoutes {
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
}

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
