import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/**
 * A browser that receives a person's notifications. It belongs to one person at a time: the last to subscribe there.
 */
@Entity('push_subscriptions')
@Check('push_subscriptions_endpoint_length', 'char_length(endpoint) BETWEEN 1 AND 1000')
@Unique('push_subscriptions_endpoint', ['organization_id', 'endpoint'])
@ForeignKey('members', ['organization_id', 'user_id'], ['organization_id', 'user_id'], {
  name: 'push_subscriptions_member_fkey',
  onDelete: 'CASCADE',
})
@Index('push_subscriptions_user', ['organization_id', 'user_id'])
export class PushSubscription {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'push_subscriptions_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'push_subscriptions_pkey' }) id!: string;
  @Column('uuid') user_id!: string;
  /** The URL of the browser vendor's push service, which cannot read the content. */
  @Column('text') endpoint!: string;
  @Column('text') p256dh!: string;
  @Column('text') auth!: string;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
}
