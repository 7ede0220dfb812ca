import type { Answer } from '../support/http.js';
import type { Person } from './crowd.js';

/** What an act is about; each takes of it what it needs. */
export interface Target {
  other: Person;
  threadId: string;
  messageId: string;
  content: string;
}

type Act = (me: Person, target: Target) => Promise<Answer>;

/** All that people can do to what others, or they themselves, have to read. */
export const ACTS = {
  sendTo: ({ client }, { other, content }) =>
    client.post('messages/send', { recipient: other.username, content }),
  open: ({ client }, { other }) => client.post('messages/threads', { recipient_id: other.id }),
  post: ({ client }, { threadId, content }) =>
    client.post(`messages/threads/${threadId}/messages`, { content }),
  readAll: ({ client }, { threadId }) => client.post(`messages/threads/${threadId}/read`),
  readUpTo: ({ client }, { threadId, messageId }) =>
    client.post(`messages/threads/${threadId}/read`, { up_to: messageId }),
  readOne: ({ client }, { messageId }) => client.patch(`messages/${messageId}/read`),
  hide: ({ client }, { messageId }) => client.delete(`messages/${messageId}?scope=me`),
  retract: ({ client }, { messageId }) => client.delete(`messages/${messageId}?scope=everyone`),
  edit: ({ client }, { messageId, content }) => client.patch(`messages/${messageId}`, { content }),
  block: ({ client }, { other }) => client.post(`messages/users/${other.id}/block`),
  unblock: ({ client }, { other }) => client.delete(`messages/users/${other.username}/block`),
  add: ({ client }, { threadId, other }) =>
    client.post(`messages/threads/${threadId}/participants`, { user_id: other.id }),
  remove: ({ client }, { threadId, other }) =>
    client.delete(`messages/threads/${threadId}/participants/${other.id}`),
  leave: ({ client, id }, { threadId }) => client.delete(`messages/threads/${threadId}/participants/${id}`),
} satisfies Record<string, Act>;

export type ActName = keyof typeof ACTS;
