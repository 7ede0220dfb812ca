import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** When the reads of a person on a route by a key were last audited, which happens once an hour. */
@Entity('act_as_reads')
@ForeignKey('organizations', ['organization_id'], ['id'], {
  name: 'act_as_reads_organization_fkey',
  onDelete: 'CASCADE',
})
@Index('act_as_reads_noted_at', ['organization_id', 'noted_at'])
export class ActAsRead {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'act_as_reads_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'act_as_reads_pkey' }) key_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'act_as_reads_pkey' }) user_id!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'act_as_reads_pkey' }) route!: string;
  @Column('timestamptz') noted_at!: Date;
}
