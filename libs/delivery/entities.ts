import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Digest } from '#preferences';
import type { CancelReason, SentChannel } from '#outbound';

export const DELIVERY_STATUSES = ['waiting', 'sent', 'failed', 'cancelled', 'closed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Queries of a queue can use its partial indexes only with exactly this text. */
export const IN_CHANNEL = `status = 'waiting' AND digest IS NULL`;
export const IN_DIGEST = `status = 'waiting' AND digest IS NOT NULL`;

const optionalTime = { type: 'timestamptz', nullable: true } as const;

/** One notification on one channel to one address: its schedule, and its outcome. */
@Entity('deliveries')
@Check('deliveries_channel_known', `channel IN ('email', 'web_push', 'webhook')`)
@Check('deliveries_digest_known', `digest IN ('hourly', 'daily')`)
@Check('deliveries_status_known', `status IN ('waiting', 'sent', 'failed', 'cancelled', 'closed')`)
@Check(
  'deliveries_reason_known',
  `reason IN ('expired', 'member_removed', 'no_address', 'endpoint_deleted', 'endpoint_disabled', 'browser_unsubscribed', 'deleted', 'read', 'actor_blocked', 'muted', 'turned_off', 'subscription_removed')`,
)
@Unique('deliveries_once', ['organization_id', 'notification_id', 'channel', 'target_id'])
@ForeignKey('notifications', ['organization_id', 'notification_id'], ['organization_id', 'id'], {
  name: 'deliveries_notification_fkey',
  onDelete: 'CASCADE',
})
@Index('deliveries_status_channel', ['organization_id', 'status', 'channel', 'id'])
@Index('deliveries_due', ['channel', 'urgent', 'due_at'], { where: IN_CHANNEL })
@Index('deliveries_queue', ['channel', 'urgent', 'organization_id', 'due_at'], { where: IN_CHANNEL })
@Index('deliveries_target', ['channel', 'urgent', 'organization_id', 'target_id', 'due_at'], {
  where: `${IN_CHANNEL} AND channel = 'webhook'`,
})
@Index('deliveries_target_user', ['channel', 'urgent', 'organization_id', 'user_id', 'due_at'], {
  where: `${IN_CHANNEL} AND channel = 'web_push'`,
})
@Index('deliveries_leased', ['channel', 'organization_id', 'target_id'], {
  where: `status = 'waiting' AND channel = 'webhook' AND leased_until IS NOT NULL`,
})
@Index('deliveries_leased_user', ['channel', 'organization_id', 'user_id'], {
  where: `status = 'waiting' AND channel = 'web_push' AND leased_until IS NOT NULL`,
})
@Index('deliveries_digest_due', ['due_at'], { where: IN_DIGEST })
@Index('deliveries_digest_queue', ['organization_id', 'due_at'], { where: IN_DIGEST })
@Index('deliveries_person', ['user_id', 'organization_id', 'id'], { where: `status = 'waiting'` })
export class Delivery {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'deliveries_pkey' }) organization_id!: string;
  /** The same for every attempt, so that a recipient can recognise a repeated one. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'deliveries_pkey' }) id!: string;
  @Column('uuid') notification_id!: string;
  @Column('uuid') user_id!: string;
  @Column('text') channel!: SentChannel;
  @Column('uuid') target_id!: string;
  /** Set if it is sent in a digest. */
  @Column('text', { nullable: true }) digest!: Digest | null;
  /** Sent before other due deliveries. A digest is never urgent. */
  @Column('boolean', { default: false }) urgent!: boolean;
  /**
   * closed: sent or cancelled, where the difference would reveal whether the person has read it, or their
   * preferences.
   */
  @Column('text', { default: 'waiting' }) status!: DeliveryStatus;
  @Column('timestamptz') due_at!: Date;
  /** Also identifies the claim: only the latest may record an outcome. */
  @Column('integer', { default: 0 }) attempts!: number;
  /** The end of the worker's lease. */
  @Column(optionalTime) leased_until!: Date | null;
  @Column('text', { nullable: true }) last_error!: string | null;
  /** Why it was cancelled. null for rows from before reasons were stored. */
  @Column('text', { nullable: true }) reason!: CancelReason | null;
  @Column(optionalTime) sent_at!: Date | null;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
}
