import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The stored response of a request that may be repeated. See idempotency.ts. */
@Entity('idempotency_keys')
@Index('idempotency_keys_created_at', ['created_at'])
@Check('idempotency_keys_key_length', 'char_length(key) BETWEEN 1 AND 255')
@ForeignKey('organizations', ['organization_id'], ['id'], {
  name: 'idempotency_keys_organization_fkey',
  onDelete: 'CASCADE',
})
export class IdempotencyKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'idempotency_keys_pkey' }) organization_id!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_keys_pkey' }) principal!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_keys_pkey' }) key!: string;
  @Column('bytea') request_hash!: Buffer;
  @Column('bytea', { nullable: true }) result!: Buffer | null;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
}
