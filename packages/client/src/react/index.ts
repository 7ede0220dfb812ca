export { useConnection } from './connection.js';
export { tidingsKey } from './keys.js';
export {
  type MessageHistory,
  useDeleteMessage,
  useEditMessage,
  useMarkRead,
  useMessages,
  useSendMessage,
  useSuspenseMessages,
} from './messages.js';
export {
  type NotificationActions,
  useNotifications,
  usePreferences,
  useSuspenseNotifications,
  useSuspensePreferences,
  useSuspenseUnreadCount,
  useUnreadCount,
} from './notifications.js';
export {
  type OversightOptions,
  useOversight,
  useOversightMessages,
  useOversightVersions,
} from './oversight.js';
export { useBlockUser, useBlockedUsers, useMe, useMembers, useUnblockUser } from './people.js';
export { TidingsProvider, type TidingsProviderProps, useTidings } from './provider.js';
export {
  type Initial,
  type LiveQuery,
  messagesQuery,
  notificationsQuery,
  preferencesQuery,
  threadQuery,
  threadsQuery,
  unreadCountQuery,
} from './queries.js';
export type { LoadMore } from './run.js';
export { useDraft, usePresence, useReadOnView, useTyping } from './signals.js';
export type { List, ThreadMessages } from './source.js';
export {
  type LiveOptions,
  type ThreadsOptions,
  useCreateThread,
  useInbox,
  useSuspenseInbox,
  useSuspenseThread,
  useSuspenseThreads,
  useThread,
  useThreads,
  useUpdateThread,
} from './threads.js';
