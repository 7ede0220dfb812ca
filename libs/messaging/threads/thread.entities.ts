import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

const timestamps = { type: 'timestamptz', default: () => 'now()' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const optionalTime = { type: 'timestamptz', nullable: true } as const;

/**
 * A conversation. A direct thread is between two people, with one thread per pair for ever; the other kind is a
 * group.
 */
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
  /** How often it was renamed. See ThreadSubject. */
  @Column('integer', { default: 0 }) subject_version!: number;
  @Column(optionalText) context_type!: string | null;
  @Column(optionalText) context_id!: string | null;
  @Column(optionalText) context_label!: string | null;
  /** The number of current participants. */
  @Column('integer') participant_count!: number;
  /** The seq of the newest message. The row is locked to allocate the next one, so seq follows the order of commits. */
  @Column('bigint', { default: 0 }) last_seq!: number;
  @Column(optionalTime) last_message_at!: Date | null;
  @Column(timestamps) created_at!: Date;
  @Column(timestamps) updated_at!: Date;
}

/**
 * A person in a thread. The row remains when they leave.
 *
 * The unread count is newest_seq - settled. A direct thread has two rows to update with each message, so each stores
 * its own newest_seq and active_at, and an index orders a person's threads by them. A group may have a thousand
 * participants, whose rows a send must not write: there both are null during the stay, and the thread's own values
 * count.
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
@Index('participants_listed_groups', ['organization_id', 'user_id', 'thread_id'], {
  where: 'partner_id IS NULL AND hidden_at IS NULL',
})
export class Participant {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'participants_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'participants_pkey' }) thread_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'participants_pkey' }) user_id!: string;
  /** The other person of a direct thread. */
  @Column('uuid', { nullable: true }) partner_id!: string | null;
  @Column(optionalTime) owner_since!: Date | null;
  /** The newest message when they joined. They see later ones. */
  @Column('bigint', { default: 0 }) joined_seq!: number;
  @Column(timestamps) joined_at!: Date;
  /** They see messages up to newest_seq, which no longer changes. */
  @Column(optionalTime) left_at!: Date | null;
  /** How many people were in it when they left, including themselves, and how often it had been renamed. */
  @Column('integer', { nullable: true }) left_count!: number | null;
  @Column('integer', { default: 0 }) left_version!: number;
  /** Earlier stays, from joining to leaving. */
  @Column('tstzmultirange', { default: () => `'{}'` }) earlier_stays!: string;
  /** When it left their lists: they left and removed it, or the other person, whom they had blocked, was erased. */
  @Column(optionalTime) hidden_at!: Date | null;
  @Column('bigint', { nullable: true }) newest_seq!: number | null;
  @Column(optionalTime) active_at!: Date | null;
  /**
   * How many messages up to newest_seq are not unread: read, their own, hidden, deleted, from blocked people, or from
   * before they joined.
   */
  @Column('bigint', { default: 0 }) settled!: number;
  @Column('bigint', { default: 0 }) last_read_seq!: number;
  /** Read marks up to here are deleted: when earlier messages were read is no longer known. */
  @Column('bigint', { default: 0 }) read_marks_from!: number;
  @Column(optionalTime) last_read_at!: Date | null;
  @Column(optionalTime) last_sent_at!: Date | null;
  @Column(optionalTime) muted_until!: Date | null;
  @Column(optionalTime) archived_at!: Date | null;
}

/** A subject of a group that was renamed: version 0 is the first one, and each rename adds one. A trigger writes it. */
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
