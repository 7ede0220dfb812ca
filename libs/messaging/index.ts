export { BlocksService } from './blocks/blocks.service.js';
export { eraseHiddenMessages, eraseReadMarks, eraseSender, leaveThreads } from './erasure.queries.js';
export {
  type AudienceMember,
  type SentMessage,
  findMessageRecipients,
  findOpenedThread,
  findSentMessages,
} from './messages/audience.queries.js';
export { type History, findHistory } from './messages/history.queries.js';
export type { MessageView } from './messages/message.view.js';
export { type ThreadMark, findThreadMarks } from './messages/readers.queries.js';
export { shownSubject } from './messages/visibility.queries.js';
export type { Version } from './messages/messages.queries.js';
export { MessagesService } from './messages/messages.service.js';
export { MessagingModule } from './messaging.module.js';
export { GroupModerationService } from './oversight/group-moderation.service.js';
export { MAX_PARTICIPANTS } from './participants/participants.queries.js';
export type { OverseenMessage, OverseenThread } from './oversight/oversight.queries.js';
export { OversightService } from './oversight/oversight.service.js';
export {
  ALLOWS,
  type Allows,
  type ContactFacts,
  type ContactRefusal,
  contactRefusal,
} from './policy/contact-policy.js';
export { type MessagingRules, MessagingRulesService, type RolePair } from './policy/rules.service.js';
export type { Conversation, Inbox } from './read-marks/inbox.queries.js';
export { InboxService } from './read-marks/inbox.service.js';
export { countUnread } from './read-marks/read-marks.queries.js';
export { ReadMarksService } from './read-marks/read-marks.service.js';
export { MESSAGING_RETENTION } from './retention.queries.js';
export { type PreparedListener, type ReadyDraft, SendListener } from './send/send-listener.js';
export type { Send, Sent } from './send/send-policy.js';
export { SendService } from './send/send.service.js';
export { type TypingPair, findTypingReaders, mayType } from './send/typing.queries.js';
export { ParticipantsService } from './threads/participants.service.js';
export { PREVIEW_LENGTH, type ThreadView, findThreads } from './threads/threads.queries.js';
export { type GroupInput, ThreadsService } from './threads/threads.service.js';
