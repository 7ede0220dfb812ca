import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A block of one person by another. Row-level security shows it only to the blocker. */
@Entity('blocks')
@Check('blocks_of_others', 'blocker_id <> blocked_id')
@ForeignKey('members', ['organization_id', 'blocker_id'], ['organization_id', 'user_id'], {
  name: 'blocks_blocker_fkey',
  onDelete: 'CASCADE',
})
@ForeignKey('members', ['organization_id', 'blocked_id'], ['organization_id', 'user_id'], {
  name: 'blocks_blocked_fkey',
  onDelete: 'CASCADE',
})
@Index('blocks_blocked', ['organization_id', 'blocked_id'])
export class Block {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'blocks_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'blocks_pkey' }) blocker_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'blocks_pkey' }) blocked_id!: string;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
  /** The names at the time of the block. */
  @Column('text', { nullable: true }) username!: string | null;
  @Column('text', { nullable: true }) display_name!: string | null;
}
