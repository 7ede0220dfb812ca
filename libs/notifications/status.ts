export const STATUSES = ['unread', 'read', 'archived'] as const;
export type Status = (typeof STATUSES)[number];

/** And what was told to a person who wants nothing of it in the feed: to be seen by whoever asks for it. */
export const LISTED = [...STATUSES, 'suppressed'] as const;
export type Listed = (typeof LISTED)[number];

const SHOWN = 'deleted_at IS NULL AND suppressed_at IS NULL';

/** What the feed shows with each status, beside what has expired and whose actor is blocked. Each has its indexes. */
export const WITH_STATUS: Record<Listed, string> = {
  unread: `read_at IS NULL AND archived_at IS NULL AND ${SHOWN}`,
  read: `read_at IS NOT NULL AND archived_at IS NULL AND ${SHOWN}`,
  archived: `archived_at IS NOT NULL AND ${SHOWN}`,
  suppressed: 'suppressed_at IS NOT NULL AND deleted_at IS NULL',
};
