export const STATUSES = ['unread', 'read', 'archived'] as const;
export type Status = (typeof STATUSES)[number];

/**
 * 'suppressed' lists notifications that the person does not want in the feed. They are only shown if this filter is
 * given.
 */
export const LISTED = [...STATUSES, 'suppressed'] as const;
export type Listed = (typeof LISTED)[number];

const SHOWN = 'deleted_at IS NULL AND suppressed_at IS NULL';

/**
 * The notifications that the feed shows with each status, apart from expired ones and those of blocked people. Each
 * has its indexes.
 */
export const WITH_STATUS: Record<Listed, string> = {
  unread: `read_at IS NULL AND archived_at IS NULL AND ${SHOWN}`,
  read: `read_at IS NOT NULL AND archived_at IS NULL AND ${SHOWN}`,
  archived: `archived_at IS NOT NULL AND ${SHOWN}`,
  suppressed: 'suppressed_at IS NOT NULL AND deleted_at IS NULL',
};
