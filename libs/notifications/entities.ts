import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Decisions } from '#preferences';
import { WITH_STATUS } from './status.js';

const optionalTime = { type: 'timestamptz', nullable: true } as const;

const ofMember = (name: string) =>
  ForeignKey('members', ['organization_id', 'user_id'], ['organization_id', 'user_id'], {
    name,
    onDelete: 'CASCADE',
  });

const own = ['organization_id', 'user_id'];
/** What decides, beside the status, whether a person is shown it. */
const seenBy = ['actor_id', 'expires_at'];

/** Numbers a person's notifications. */
@Entity('feeds')
@ofMember('feeds_member_fkey')
export class Feed {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'feeds_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'feeds_pkey' }) user_id!: string;
  @Column('bigint') last_seq!: number;
  /** Of the newest one: those after it are no older, whatever the clock says. */
  @Column('timestamptz', { default: () => 'now()' }) last_created_at!: Date;
}

/**
 * How many of one type, group and actor a person has not read; zeros where there is no group or actor. Kept by
 * triggers of notifications. Those that have expired and those of somebody who is blocked are among them.
 */
@Entity('unread_counts')
@ofMember('unread_counts_member_fkey')
export class UnreadCount {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'unread_counts_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'unread_counts_pkey' }) user_id!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'unread_counts_pkey' }) type!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'unread_counts_pkey' }) aggregation_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'unread_counts_pkey' }) actor_id!: string;
  @Column('bigint') unread!: number;
}

/** What one person is told of one thing, once. */
@Entity('notifications')
@Check('notifications_type_length', 'char_length(type) BETWEEN 1 AND 50')
@Check('notifications_title_length', 'char_length(title) BETWEEN 1 AND 255')
@Check('notifications_priority_known', `priority IN ('normal', 'urgent')`)
@Unique('notifications_id', ['organization_id', 'id'])
@Unique('notifications_once', ['organization_id', 'source_id', 'user_id'])
@ofMember('notifications_member_fkey')
@Index('notifications_unread', [...own, 'seq', ...seenBy], { where: WITH_STATUS.unread })
@Index('notifications_unread_type', [...own, 'type', 'seq', ...seenBy], { where: WITH_STATUS.unread })
@Index('notifications_unread_group', [...own, 'type', 'aggregation_id', 'seq', ...seenBy], {
  where: WITH_STATUS.unread,
})
@Index('notifications_unread_expiring', [...own, 'expires_at', 'type', 'aggregation_id', 'actor_id'], {
  where: `${WITH_STATUS.unread} AND expires_at IS NOT NULL`,
})
@Index('notifications_read', [...own, 'seq', ...seenBy], { where: WITH_STATUS.read })
@Index('notifications_read_type', [...own, 'type', 'seq', ...seenBy], { where: WITH_STATUS.read })
@Index('notifications_archived', [...own, 'seq', ...seenBy], { where: WITH_STATUS.archived })
@Index('notifications_archived_type', [...own, 'type', 'seq', ...seenBy], { where: WITH_STATUS.archived })
@Index('notifications_not_shown', [...own, 'seq', ...seenBy], { where: WITH_STATUS.suppressed })
@Index('notifications_not_shown_type', [...own, 'type', 'seq', ...seenBy], { where: WITH_STATUS.suppressed })
@Index('notifications_suppressed', [...own, 'aggregation_id', 'seq'], {
  where: 'suppressed_at IS NOT NULL AND read_at IS NULL AND deleted_at IS NULL',
})
@Index('notifications_expiring', ['organization_id', 'expires_at'], {
  where: 'expires_at IS NOT NULL AND deleted_at IS NULL',
})
@Index('notifications_created_at', ['organization_id', 'type', 'created_at'])
export class Notification {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notifications_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notifications_pkey' }) user_id!: string;
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'notifications_pkey' }) seq!: number;
  @Column('uuid') id!: string;
  /** The message, thread, event or request that it tells of: with the person, what makes it the only one. */
  @Column('uuid') source_id!: string;
  @Column('text') type!: string;
  @Column('text') title!: string;
  @Column('text') body!: string;
  @Column('jsonb', { default: {} }) data!: Record<string, unknown>;
  @Column('text', { nullable: true }) action_url!: string | null;
  @Column('text') priority!: 'normal' | 'urgent';
  /** Who did what it tells of. While the person blocks them, it is not shown. */
  @Column('uuid', { nullable: true }) actor_id!: string | null;
  @Column('uuid', { nullable: true }) aggregation_id!: string | null;
  /** Of the message, so that reading the thread up to there reads this too. */
  @Column('bigint', { nullable: true }) message_seq!: number | null;
  /** What was decided for each channel, and by which rule. */
  @Column('jsonb') decisions!: Decisions;
  /** Where it was decided that the feed does not show it; other channels may. */
  @Column(optionalTime) suppressed_at!: Date | null;
  @Column(optionalTime) delivered_via_ws_at!: Date | null;
  @Column(optionalTime) delivered_via_email_at!: Date | null;
  @Column(optionalTime) read_at!: Date | null;
  @Column(optionalTime) archived_at!: Date | null;
  @Column(optionalTime) deleted_at!: Date | null;
  @Column(optionalTime) expires_at!: Date | null;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
}

/** What a service asked to have told, and how far that has come. */
@Entity('notification_requests')
@Index('notification_requests_finished_at', ['organization_id', 'finished_at'], {
  where: 'finished_at IS NOT NULL',
})
@Check('notification_requests_status_known', `status IN ('scheduled', 'sending', 'sent', 'retracted')`)
@ForeignKey('organizations', ['organization_id'], ['id'], {
  name: 'notification_requests_organization_fkey',
  onDelete: 'CASCADE',
})
export class NotificationRequest {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notification_requests_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notification_requests_pkey' }) id!: string;
  @Column('jsonb') audience!: object;
  @Column('jsonb') content!: object;
  @Column('text') status!: 'scheduled' | 'sending' | 'sent' | 'retracted';
  /** null until it is known. */
  @Column('integer', { nullable: true }) recipients!: number | null;
  @Column('integer', { default: 0 }) notified!: number;
  /** The last person of the audience who has been told, in the order of ids. */
  @Column('uuid', { nullable: true }) expanded_to!: string | null;
  @Column(optionalTime) deliver_at!: Date | null;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
  @Column(optionalTime) finished_at!: Date | null;
}
