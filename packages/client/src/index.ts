export { type Tidings, type TidingsOptions, createTidings } from './create-tidings.js';
export { type FieldError, type ProblemCode, TidingsError } from './errors.js';
export type { CallOptions, Http } from './http.js';
export type { Actions } from './live/actions.js';
export type { Connection } from './live/change-source.js';
export type { LoadStatus } from './live/list-window.js';
export type { Slice } from './live/slice.js';
export type { LoadErrors } from './live/server-state.js';
export type { SocketClass, SocketLike } from './live/socket.js';
export type { Store } from './live/store.js';
export type { UnsentMessage } from './live/unsent-message.js';
export type { ListView, MessagesView } from './live/views.js';
export type { BlockRoutes } from './routes/blocks.js';
export type { MemberRoutes } from './routes/members.js';
export type { MessageRoutes } from './routes/messages.js';
export type { NotificationRoutes } from './routes/notifications.js';
export { type OversightReadRoutes, oversightOf } from './routes/oversight.js';
export type { PreferenceRoutes } from './routes/preferences.js';
export type { RealtimeRoutes } from './routes/realtime.js';
export type { ThreadRoutes } from './routes/threads.js';
export type { TidingsStorage } from './pages/kept.js';
export type { GetToken } from './token.js';
export type {
  BlockedPerson,
  Changes,
  Conversation,
  Counts,
  Inbox,
  Me,
  Message,
  MessageVersion,
  MessagesQuery,
  NewDirectMessage,
  NewMessage,
  NewThread,
  Notification,
  NotificationExplanation,
  NotificationList,
  NotificationsQuery,
  OverseenMessage,
  OverseenThread,
  OverseenThreadsQuery,
  Participant,
  Preferences,
  PreferencesChange,
  Presence,
  Profile,
  PushSubscription,
  ReadMark,
  SentMessage,
  Thread,
  ThreadChange,
  ThreadList,
  ThreadPage,
  ThreadsQuery,
  UnreadMessages,
  Visibility,
} from './types.js';
