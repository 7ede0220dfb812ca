import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An event in the outbox: due later, due now, or claimed by a relay. */
@Entity('outbox')
@Index('outbox_due', ['run_at', 'id'])
@Index('outbox_unknown', ['type'], { where: `last_error = 'unknown type'` })
export class OutboxRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'outbox_pkey' }) organization_id!: string;
  /** When the event is due. A claim sets it to the end of the lease, so no other relay takes the event before that. */
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'outbox_pkey', default: () => 'now()' })
  run_at!: Date;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'outbox_pkey' }) id!: string;
  @Column('text') type!: string;
  @Column('jsonb') payload!: object;
  @Column('timestamptz', { default: () => 'now()' }) created_at!: Date;
  @Column('integer', { default: 0 }) attempts!: number;
  @Column('text', { nullable: true }) last_error!: string | null;
}

/** An event whose handlers failed 12 times. */
@Entity('dead_letters')
@Index('dead_letters_failed_at', ['organization_id', 'failed_at'])
@Index('dead_letters_type', ['organization_id', 'type', 'failed_at'])
export class DeadLetter {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dead_letters_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dead_letters_pkey' }) id!: string;
  @Column('text') type!: string;
  @Column('jsonb') payload!: object;
  @Column('integer') attempts!: number;
  @Column('text', { nullable: true }) last_error!: string | null;
  @Column('timestamptz') created_at!: Date;
  @Column('timestamptz', { default: () => 'now()' }) failed_at!: Date;
}
