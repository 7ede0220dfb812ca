import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Decisions } from '#preferences';

const optionalTime = { type: 'timestamptz', nullable: true } as const;

const ofMember = (name: string) =>
  ForeignKey('members', ['organization_id', 'user_id'], ['organization_id', 'user_id'], {
    name,
    onDelete: 'CASCADE',
  });

/** Numbers a person's notifications. */
@Entity('feeds')
@ofMember('feeds_member_fkey')
export class Feed {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'feeds_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'feeds_pkey' }) user_id!: string;
  @Column('bigint') last_seq!: number;
}

/** What one person is told of one thing, once. */
@Entity('notifications')
@Check('notifications_type_length', 'char_length(type) BETWEEN 1 AND 50')
@Check('notifications_title_length', 'char_length(title) BETWEEN 1 AND 255')
@Check('notifications_priority_known', `priority IN ('normal', 'urgent')`)
@Unique('notifications_id', ['organization_id', 'id'])
@Unique('notifications_once', ['organization_id', 'source_id', 'user_id'])
@ofMember('notifications_member_fkey')
@Index('notifications_unread', ['organization_id', 'user_id', 'seq', 'type', 'actor_id', 'expires_at'], {
  where: 'read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL',
})
@Index('notifications_type', ['organization_id', 'user_id', 'type', 'seq'])
@Index('notifications_aggregation', ['organization_id', 'user_id', 'aggregation_id', 'seq'])
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
