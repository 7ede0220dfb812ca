export { MessagingModule } from './messaging.module.js';
export { type GroupInput, Threads } from './threads.service.js';
export { Participants, type ThreadChange } from './participants.service.js';
export type { Sent } from './drafting.js';
export { Sending } from './sending.service.js';
export { Messages } from './messages.service.js';
export { Reading } from './reading.service.js';
export { Barriers } from './barriers.service.js';
export { type MessagingRules, type RolePair, Rules } from './rules.service.js';
export { type GroupRepair, GroupModeration } from './moderation.service.js';
export { MESSAGING_RETENTION } from './retention.js';
export { Oversight } from './oversight.service.js';
export type { Conversation, Inbox } from './inbox.repository.js';
export type { Context } from './opening.repository.js';
export type { History } from './history.repository.js';
export type { MessageInput } from './sending.repository.js';
export type { MessageView } from './message.view.js';
export {
  type Listener,
  type OpenedThread,
  type SentMessage,
  findListeners,
  findOpenedThread,
  findSentMessages,
} from './audience.repository.js';
export type { Version } from './messages.repository.js';
export type { OverseenMessage, OverseenThread } from './oversight.repository.js';
export type { ThreadView } from './threads.repository.js';
export { ALLOWS, type Allows, type Reach, type Refusal, type Rule, refusalOf } from './reach.js';
export { eraseHiddenMessages, eraseReadMarks, eraseSender, leaveThreads } from './erasure.repository.js';
