import { type CallOptions, type Http, path } from '../http.js';
import type {
  Message,
  MessagesQuery,
  NewMessage,
  NewThread,
  Thread,
  ThreadChange,
  ThreadList,
  ThreadPage,
  ThreadsQuery,
} from '../types.js';

/**
 * Threads: direct ones and groups.
 *
 * @example
 * const { data } = await tidings.threads.list({ archived: false });
 * await tidings.threads.send(data[0].id, { content: 'Hello' });
 */
export class ThreadRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of threads, newest activity first. */
  list = (query: ThreadsQuery = {}, options?: CallOptions): Promise<ThreadList> =>
    this.http.get('messages/threads', query, options);

  /** Opens the direct thread with a person, or creates a group. */
  create = (thread: NewThread, options?: CallOptions): Promise<Thread> =>
    this.http.post('messages/threads', thread, options);

  /** Returns a thread with a page of its messages, without marking them as read. */
  get = (id: string, query: MessagesQuery = {}, options?: CallOptions): Promise<ThreadPage> =>
    this.http.get(path`messages/threads/${id}`, query, options);

  /** Archives, mutes or renames. */
  update = (id: string, change: ThreadChange, options?: CallOptions): Promise<Thread> =>
    this.http.patch(path`messages/threads/${id}`, change, options);

  /** Removes a group that the person has left from their list. */
  delete = (id: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`messages/threads/${id}`, {}, options);

  /** Sends a message. Resolves once it is stored. */
  send = (id: string, message: NewMessage, options?: CallOptions): Promise<Message> =>
    this.http.post(path`messages/threads/${id}/messages`, message, options);

  /** Adds a person, by id or username, to a group. */
  addParticipant = (id: string, person: string, options?: CallOptions): Promise<Thread> =>
    this.http.post(path`messages/threads/${id}/participants`, { user_id: person }, options);

  /** Removes a person from a group. People leave by removing themselves. */
  removeParticipant = (id: string, person: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`messages/threads/${id}/participants/${person}`, {}, options);

  /** Marks the messages up to one as read, or all. */
  markRead = (
    id: string,
    upTo?: { up_to?: string },
    options?: CallOptions,
  ): Promise<{ last_read_at: string | null; unread_count: number }> =>
    this.http.post(path`messages/threads/${id}/read`, upTo, options);
}
