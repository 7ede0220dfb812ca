import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

const optionalTime = { type: 'timestamptz', nullable: true } as const;
const now = { type: 'timestamptz', default: () => 'now()' } as const;

/** A URL of an organization that receives webhooks. */
@Entity('webhook_endpoints')
@Check('webhook_endpoints_url_length', 'char_length(url) BETWEEN 1 AND 2000')
@Check(
  'webhook_endpoints_configured_by_kind_known',
  `configured_by_kind IN ('person', 'service', 'platform')`,
)
@ForeignKey('organizations', ['organization_id'], ['id'], {
  name: 'webhook_endpoints_organization_fkey',
  onDelete: 'CASCADE',
})
export class WebhookEndpoint {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_endpoints_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_endpoints_pkey' }) id!: string;
  @Column('text') url!: string;
  /** The notification types that are sent. null means all. */
  @Column('text', { array: true, nullable: true }) types!: string[] | null;
  /** Encrypted, like the two below. */
  @Column('text') secret!: string;
  /** Also signs after a rotation, until receivers have the new secret. */
  @Column('text', { nullable: true }) previous_secret!: string | null;
  @Column(optionalTime) previous_secret_until!: Date | null;
  /** The one before that, if two rotations overlap. */
  @Column('text', { nullable: true }) older_secret!: string | null;
  @Column(optionalTime) older_secret_until!: Date | null;
  /** The caller who last set the URL or the types. Message content is only sent while they hold messages:monitor. */
  @Column('text', { nullable: true }) configured_by_kind!: 'person' | 'service' | 'platform' | null;
  @Column('uuid', { nullable: true }) configured_by_user_id!: string | null;
  @Column('uuid', { nullable: true }) configured_by_key_id!: string | null;
  @Column(now) configured_at!: Date;
  /** The time of the first failure after the last success. */
  @Column(optionalTime) failing_since!: Date | null;
  @Column(optionalTime) disabled_at!: Date | null;
  @Column('text', { nullable: true }) disabled_reason!: string | null;
  @Column(now) created_at!: Date;
  @Column(now) updated_at!: Date;
}
