import { eraseActAsReads } from '#access';
import { eraseBlocks } from '#blocking';
import { erasePushSubscriptions } from '#web-push';
import { type ErasureStep, erasureBy } from '#identity';
import { eraseHiddenMessages, eraseReadMarks, eraseSender, leaveThreads } from '#messaging';
import { eraseNotifications, eraseUnreadCounts, hideFromBlockers } from '#notifications';

/**
 * What is done in one organization for a person who is deleted, in this order: what a block hides is hidden for good
 * before the block goes; what belongs to a participant goes before the participant.
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
];
