import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { StoredDecisions } from '#preferences';
import { WITH_STATUS } from './status.js';

const optionalTime = { type: 'timestamptz', nullable: true } as const;

const ofMember = (name: string) =>
  ForeignKey('members', ['organization_id', 'user_id'], ['organization_id', 'user_id'], {
    name,
    onDelete: 'CASCADE',
  });

const own = ['organization_id', 'user_id'];
/** The columns that, besides the status, decide whether a person sees the notification. */
const seenBy = ['actor_id', 'expires_at'];

/** Numbers a person's notifications. */
@Entity('feeds')
@ofMember('feeds_member_fkey')
export class Feed {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'feeds_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'feeds_pkey' }) user_id!: string;
  @Column('bigint') last_seq!: number;
  /** The time of the newest notification. Later ones are no older, whatever the clock says. */
  @Column('timestamptz', { default: () => 'now()' }) last_created_at!: Date;
}

/**
 * The unread count of a person for one type, group and actor. No group or no actor is stored as zeros. Triggers of
 * notifications maintain the count. It includes expired notifications and those of blocked people.
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

/** A notification: one thing for one person. */
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
  /**
   * The message, thread, event or request that the notification is about. With the person it makes the notification
   * unique.
   */
  @Column('uuid') source_id!: string;
  @Column('text') type!: string;
  @Column('text') title!: string;
  @Column('text') body!: string;
  @Column('jsonb', { default: {} }) data!: Record<string, unknown>;
  @Column('text', { nullable: true }) action_url!: string | null;
  @Column('text') priority!: 'normal' | 'urgent';
  /** The person who caused it. It is hidden while the recipient blocks them. */
  @Column('uuid', { nullable: true }) actor_id!: string | null;
  @Column('uuid', { nullable: true }) aggregation_id!: string | null;
  /** The seq of the message, so that reading the thread up to there marks the notification as read too. */
  @Column('bigint', { nullable: true }) message_seq!: number | null;
  /** The decision for each channel, with the deciding rule. */
  @Column('jsonb') decisions!: StoredDecisions;
  /** Set if the feed does not show it. Other channels may. */
  @Column(optionalTime) suppressed_at!: Date | null;
  @Column(optionalTime) delivered_via_ws_at!: Date | null;
  @Column(optionalTime) delivered_via_email_at!: Date | null;
  @Column(optionalTime) read_at!: Date | null;
  @Column(optionalTime) archived_at!: Date | null;
  @Column(optionalTime) deleted_at!: Date | null;
  @Column(optionalTime) expires_at!: Date | null;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
}

/** A notification request of a service, and its progress. */
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
  /** The last person of the audience who has been notified, in the order of ids. */
  @Column('uuid', { nullable: true }) expanded_to!: string | null;
  @Column(optionalTime) deliver_at!: Date | null;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
  @Column(optionalTime) finished_at!: Date | null;
}
