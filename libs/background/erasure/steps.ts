import { eraseActAsReads } from '#access';
import { eraseBlocks } from '#blocking';
import { erasePushSubscriptions } from '#web-push';
import { type ErasureStep, erasureBy } from '#identity';
import { eraseHiddenMessages, eraseReadMarks, eraseSender, leaveThreads } from '#messaging';
import { erasePresence } from '#realtime';
import { eraseNotifications, eraseUnreadCounts, hideFromBlockers } from '#notifications';

/**
 * The erasure of a person in one organization. Order matters: messages that a block hides are permanently hidden before
 * the block is deleted, and data of a participant is deleted before the participant.
 */
export const STEPS: ErasureStep[] = [
  eraseSender,
  hideFromBlockers,
  eraseReadMarks,
  eraseHiddenMessages,
  leaveThreads,
  eraseBlocks,
  eraseNotifications,
  eraseUnreadCounts,
  erasePushSubscriptions,
  erasureBy('app_erase_idempotency_keys'),
  eraseActAsReads,
  erasePresence,
];
