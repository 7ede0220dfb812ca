import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The deletion of a person, asked for by the platform and done by the worker. Stays as the record of it. */
@Entity('user_deletions')
export class UserDeletion {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'user_deletions_pkey' }) user_id!: string;
  /** Of the platform; null for that of the environment. */
  @Column('uuid', { nullable: true }) api_key_id!: string | null;
  @Column('text') request_id!: string;
  @Column('bigint', { default: 0 }) rows_erased!: number;
  @Column('timestamptz', { default: () => 'now()' }) requested_at!: Date;
  @Column('timestamptz', { nullable: true }) finished_at!: Date | null;
}
