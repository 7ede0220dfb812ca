import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The deletion of a person, requested by the platform and done by the worker. The row remains as a record. */
@Entity('user_deletions')
export class UserDeletion {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'user_deletions_pkey' }) user_id!: string;
  /** The key of the platform. null for the one of the environment. */
  @Column('uuid', { nullable: true }) api_key_id!: string | null;
  @Column('text') request_id!: string;
  @Column('bigint', { default: 0 }) rows_erased!: number;
  @Column('timestamptz', { default: () => 'now()' }) requested_at!: Date;
  @Column('timestamptz', { nullable: true }) finished_at!: Date | null;
}
