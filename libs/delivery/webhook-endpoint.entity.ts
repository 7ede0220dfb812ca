import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

const optionalTime = { type: 'timestamptz', nullable: true } as const;
const now = { type: 'timestamptz', default: () => 'now()' } as const;

/** Where an organization wants to be told over HTTP. */
@Entity('webhook_endpoints')
@Check('webhook_endpoints_url_length', 'char_length(url) BETWEEN 1 AND 2000')
@ForeignKey('organizations', ['organization_id'], ['id'], {
  name: 'webhook_endpoints_organization_fkey',
  onDelete: 'CASCADE',
})
export class WebhookEndpoint {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_endpoints_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_endpoints_pkey' }) id!: string;
  @Column('text') url!: string;
  /** Of which notifications are told of; null for all. */
  @Column('text', { array: true, nullable: true }) types!: string[] | null;
  @Column('text') secret!: string;
  /** Signed with beside the new one, until whoever receives knows that. */
  @Column('text', { nullable: true }) previous_secret!: string | null;
  @Column(optionalTime) previous_secret_until!: Date | null;
  @Column(optionalTime) disabled_at!: Date | null;
  @Column('text', { nullable: true }) disabled_reason!: string | null;
  @Column(now) created_at!: Date;
  @Column(now) updated_at!: Date;
}
