import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** A signing key of an organization, created when it is first needed. */
@Entity('organization_keys')
@Check('organization_keys_purpose_known', `purpose IN ('unsubscribe', 'web_push')`)
@ForeignKey('organizations', ['organization_id'], ['id'], {
  name: 'organization_keys_organization_fkey',
  onDelete: 'CASCADE',
})
export class OrganizationKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'organization_keys_pkey' }) organization_id!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'organization_keys_pkey' }) purpose!:
    'unsubscribe' | 'web_push';
  /** An encrypted string. Rows from before encryption at rest contain the object itself. */
  @Column('jsonb') secret!: object | string;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
}
