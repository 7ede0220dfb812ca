import { type CallOptions, type Http, path } from '../http.js';
import type {
  Conversation,
  Inbox,
  Message,
  MessageVersion,
  MessagesQuery,
  NewDirectMessage,
  SentMessage,
  UnreadMessages,
} from '../types.js';

/**
 * Messages, and conversations with one person.
 *
 * @example
 * await tidings.messages.send({ recipient: 'theo', content: 'Hello' });
 */
export class MessageRoutes {
  constructor(private readonly http: Http) {}

  /** Sends to a person, in the direct thread with them. */
  send = (message: NewDirectMessage, options?: CallOptions): Promise<SentMessage> =>
    this.http.post('messages/send', message, options);

  /** Changes the text of a message of one's own. */
  edit = (id: string, content: string, options?: CallOptions): Promise<Message> =>
    this.http.patch(path`messages/${id}`, { content }, options);

  /** Hides a message from oneself, or removes its content for everyone. */
  delete = (id: string, scope: 'me' | 'everyone' = 'me', options?: CallOptions): Promise<void> =>
    this.http.delete(path`messages/${id}`, { scope }, options);

  /** Marks a message and those before it as read. */
  markRead = (
    id: string,
    options?: CallOptions,
  ): Promise<{ message_id: string; is_read: true; read_at: string | null }> =>
    this.http.patch(path`messages/${id}/read`, {}, options);

  /** Returns a page of the earlier texts of a message, oldest first. */
  versions = (
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options?: CallOptions,
  ): Promise<{ data: MessageVersion[]; next_cursor: string | null }> =>
    this.http.get(path`messages/${id}/versions`, query, options);

  /** Returns the direct thread with a person. */
  conversation = (person: string, query: MessagesQuery = {}, options?: CallOptions): Promise<Conversation> =>
    this.http.get(path`messages/conversation/${person}`, query, options);

  /** Returns a numbered page of direct threads. */
  inbox = (
    query: { page?: number; limit?: number; unread_only?: boolean } = {},
    options?: CallOptions,
  ): Promise<Inbox> => this.http.get('messages/inbox', query, options);

  /** Returns how many messages are unread. */
  unreadCount = (options?: CallOptions): Promise<UnreadMessages> =>
    this.http.get('messages/unread-count', {}, options);
}
