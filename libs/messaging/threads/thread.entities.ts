import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

const timestamps = { type: 'timestamptz', default: () => 'now()' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const optionalTime = { type: 'timestamptz', nullable: true } as const;

/** A conversation: direct between two people, one for each pair for ever, or of a group. */
@Entity('threads')
@Check('threads_kind_known', `kind IN ('direct', 'group')`)
@Check('threads_subject_length', 'char_length(subject) BETWEEN 1 AND 100')
@Check('threads_context_type_length', 'char_length(context_type) BETWEEN 1 AND 50')
@Check('threads_context_id_length', 'char_length(context_id) BETWEEN 1 AND 200')
@Check('threads_context_label_length', 'char_length(context_label) BETWEEN 1 AND 200')
@Check(
  'threads_pair_of_direct',
  `CASE kind WHEN 'direct' THEN pair_low < pair_high ELSE pair_low IS NULL AND pair_high IS NULL END`,
)
@Check('threads_context_whole', '(context_type IS NULL) = (context_id IS NULL)')
@ForeignKey('organizations', ['organization_id'], ['id'], {
  name: 'threads_organization_fkey',
  onDelete: 'CASCADE',
})
@Index('threads_pair', ['organization_id', 'pair_low', 'pair_high'], {
  unique: true,
  where: `kind = 'direct'`,
})
@Index('threads_context', ['organization_id', 'context_type', 'context_id'], {
  where: 'context_type IS NOT NULL',
})
export class Thread {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'threads_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'threads_pkey' }) id!: string;
  @Column('text') kind!: 'direct' | 'group';
  @Column('uuid', { nullable: true }) pair_low!: string | null;
  @Column('uuid', { nullable: true }) pair_high!: string | null;
  @Column(optionalText) subject!: string | null;
  /** How many times it was renamed; see ThreadSubject. */
  @Column('integer', { default: 0 }) subject_version!: number;
  @Column(optionalText) context_type!: string | null;
  @Column(optionalText) context_id!: string | null;
  @Column(optionalText) context_label!: string | null;
  /** Those who are in it now. */
  @Column('integer') participant_count!: number;
  /** Of the newest message. Its row is locked to allocate the next, so the order of seq is that of commits. */
  @Column('bigint', { default: 0 }) last_seq!: number;
  @Column(optionalTime) last_message_at!: Date | null;
  @Column(timestamps) created_at!: Date;
  @Column(timestamps) updated_at!: Date;
}

/**
 * A person in a thread, for good: who has left stays as one who left.
 *
 * Unread is newest_seq - settled. A direct thread has two rows to keep up to date with each message, so each
 * holds its own newest_seq and active_at, and an index orders a person's threads by them. A group may have a
 * thousand, which a send must not write: there both are null while one is in it, and the thread's own count.
 */
@Entity('participants')
@Check('participants_kept_whole', '(newest_seq IS NULL) = (active_at IS NULL)')
@Check('participants_settled_known', 'settled BETWEEN 0 AND coalesce(newest_seq, settled)')
@ForeignKey('threads', ['organization_id', 'thread_id'], ['organization_id', 'id'], {
  name: 'participants_thread_fkey',
  onDelete: 'CASCADE',
})
@ForeignKey('members', ['organization_id', 'user_id'], ['organization_id', 'user_id'], {
  name: 'participants_member_fkey',
  onDelete: 'CASCADE',
})
@Index('participants_active', ['organization_id', 'user_id', 'active_at', 'thread_id'])
@Index(
  'participants_unread',
  ['organization_id', 'user_id', 'active_at', 'thread_id', 'partner_id', 'newest_seq', 'settled'],
  { where: 'newest_seq > settled' },
)
@Index('participants_groups', ['organization_id', 'user_id', 'thread_id'], { where: 'partner_id IS NULL' })
export class Participant {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'participants_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'participants_pkey' }) thread_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'participants_pkey' }) user_id!: string;
  /** The other one of a direct thread. */
  @Column('uuid', { nullable: true }) partner_id!: string | null;
  @Column(optionalTime) owner_since!: Date | null;
  /** The newest message when they joined: they see those after it. */
  @Column('bigint', { default: 0 }) joined_seq!: number;
  @Column(timestamps) joined_at!: Date;
  /** They see messages up to newest_seq, which stays as it was then. */
  @Column(optionalTime) left_at!: Date | null;
  /** How many were in it when they left, themselves too, and how many times it had been renamed. */
  @Column('integer', { nullable: true }) left_count!: number | null;
  @Column('integer', { default: 0 }) left_version!: number;
  /** When they were in it before they left and joined again. */
  @Column('tstzmultirange', { default: () => `'{}'` }) earlier_stays!: string;
  /** Since when it is in none of their lists: they left and removed it, or the other one was deleted, whom they blocked. */
  @Column(optionalTime) hidden_at!: Date | null;
  @Column('bigint', { nullable: true }) newest_seq!: number | null;
  @Column(optionalTime) active_at!: Date | null;
  /** How many messages up to newest_seq are not unread: read, one's own, hidden, deleted, blocked, from before. */
  @Column('bigint', { default: 0 }) settled!: number;
  @Column('bigint', { default: 0 }) last_read_seq!: number;
  /** The read marks up to here are removed: when messages up to it were read is no longer known. */
  @Column('bigint', { default: 0 }) read_marks_from!: number;
  @Column(optionalTime) last_read_at!: Date | null;
  @Column(optionalTime) last_sent_at!: Date | null;
  @Column(optionalTime) muted_until!: Date | null;
  @Column(optionalTime) archived_at!: Date | null;
}

/** A subject of a group that was renamed: 0 the first one, then one for each rename. A trigger writes it. */
@Entity('thread_subjects')
@ForeignKey('threads', ['organization_id', 'thread_id'], ['organization_id', 'id'], {
  name: 'thread_subjects_thread_fkey',
  onDelete: 'CASCADE',
})
export class ThreadSubject {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'thread_subjects_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'thread_subjects_pkey' }) thread_id!: string;
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'thread_subjects_pkey' }) version!: number;
  @Column(optionalText) subject!: string | null;
  @Column('uuid', { nullable: true }) changed_by!: string | null;
  @Column('timestamptz') changed_at!: Date;
}
