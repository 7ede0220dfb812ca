import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * That a person is connected to a process: a lease, which the process renews. Once it has ended, the row says when the
 * person was last connected. The table is unlogged.
 */
@Entity('presence')
@Check('presence_state_known', `state IN ('online', 'away', 'offline')`)
@Index('presence_process', ['process_id'])
export class Presence {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'presence_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'presence_pkey' }) user_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'presence_pkey' }) process_id!: string;
  @Column('text') state!: 'online' | 'away' | 'offline';
  /** When the lease was renewed or ended. */
  @Column('timestamptz') last_seen_at!: Date;
}

/**
 * When a person was last connected before a block between them and the viewer, who sees nothing later while it lasts.
 * A trigger of blocks writes it. The table is unlogged, like presence.
 */
@Entity('presence_at_block')
export class PresenceAtBlock {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'presence_at_block_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'presence_at_block_pkey' }) viewer_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'presence_at_block_pkey' }) user_id!: string;
  @Column('timestamptz') last_seen_at!: Date;
}
