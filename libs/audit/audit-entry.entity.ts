import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('audit_entries')
@Check('audit_entries_actor_kind_known', `actor_kind IN ('person', 'service', 'platform')`)
export class AuditEntry {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_entries_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_entries_pkey' }) id!: string;
  @Column('text') actor_kind!: 'person' | 'service' | 'platform';
  @Column('uuid', { nullable: true }) user_id!: string | null;
  @Column('uuid', { nullable: true }) api_key_id!: string | null;
  @Column('text') action!: string;
  @Column('text') target_type!: string;
  @Column('text') target_id!: string;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('jsonb', { default: {} }) details!: Record<string, unknown>;
  @Column('text') request_id!: string;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
}
