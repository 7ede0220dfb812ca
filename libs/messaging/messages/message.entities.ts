import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

const timestamps = { type: 'timestamptz', default: () => 'now()' } as const;
const optionalTime = { type: 'timestamptz', nullable: true } as const;

@Entity('messages')
@Check('messages_subject_length', 'char_length(subject) BETWEEN 1 AND 100')
@Check('messages_content_length', 'char_length(content) BETWEEN 1 AND 5000')
@Check('messages_client_token_length', 'char_length(client_token) BETWEEN 1 AND 255')
@Unique('messages_id', ['organization_id', 'id'])
@ForeignKey('threads', ['organization_id', 'thread_id'], ['organization_id', 'id'], {
  name: 'messages_thread_fkey',
  onDelete: 'CASCADE',
})
@ForeignKey('members', ['organization_id', 'sender_id'], ['organization_id', 'user_id'], {
  name: 'messages_sender_fkey',
  onDelete: 'SET NULL',
})
@ForeignKey('messages', ['organization_id', 'reply_to_id'], ['organization_id', 'id'], {
  name: 'messages_reply_to_fkey',
})
@Index('messages_client_token', ['organization_id', 'sender_id', 'client_token'], {
  unique: true,
  where: 'client_token IS NOT NULL',
})
@Index('messages_deleted', ['organization_id', 'thread_id', 'seq', 'sender_id'], {
  where: 'deleted_at IS NOT NULL',
})
@Index('messages_sender', ['organization_id', 'sender_id', 'thread_id', 'seq'])
export class Message {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'messages_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'messages_pkey' }) thread_id!: string;
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'messages_pkey' }) seq!: number;
  @Column('uuid') id!: string;
  /** null once the person is erased. Their messages remain. */
  @Column('uuid', { nullable: true }) sender_id!: string | null;
  @Column('text', { nullable: true }) subject!: string | null;
  @Column('text') content!: string;
  @Column('uuid', { nullable: true }) reply_to_id!: string | null;
  @Column('text', { nullable: true }) client_token!: string | null;
  /** Hash of everything that was sent with the token, because the same token must mean the same message. */
  @Column('bytea', { nullable: true }) request_hash!: Buffer | null;
  /** How many people have deleted it for themselves. */
  @Column('integer', { default: 0 }) hidden_by!: number;
  /** The key of the service that sent it on behalf of the sender. */
  @Column('uuid', { nullable: true }) api_key_id!: string | null;
  @Column(timestamps) created_at!: Date;
  @Column(optionalTime) edited_at!: Date | null;
  /** When it was deleted for everyone, or by both people of a direct thread. The content remains for oversight only. */
  @Column(optionalTime) deleted_at!: Date | null;
  /** Increases with each edit, with the deletion, and when the sender is erased. */
  @Column('integer', { default: 1 }) rev!: number;
}

/** An earlier text of an edited message. */
@Entity('message_versions')
@Index('message_versions_replaced_at', ['organization_id', 'replaced_at'])
@ForeignKey('messages', ['organization_id', 'message_id'], ['organization_id', 'id'], {
  name: 'message_versions_message_fkey',
  onDelete: 'CASCADE',
})
export class MessageVersion {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'message_versions_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'message_versions_pkey' }) message_id!: string;
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'message_versions_pkey' }) version!: number;
  @Column('text') content!: string;
  @Column('timestamptz') written_at!: Date;
  /** When it was replaced by an edit. It is kept for RETENTION_DAYS from then on. */
  @Column('timestamptz', { default: () => 'clock_timestamp()' }) replaced_at!: Date;
  /** That of the message with this text. */
  @Column('integer', { default: 1 }) rev!: number;
}

/** A message that one participant has deleted for themselves. */
@Entity('hidden_messages')
@ForeignKey(
  'participants',
  ['organization_id', 'thread_id', 'user_id'],
  ['organization_id', 'thread_id', 'user_id'],
  { name: 'hidden_messages_participant_fkey', onDelete: 'CASCADE' },
)
@ForeignKey('messages', ['organization_id', 'thread_id', 'seq'], ['organization_id', 'thread_id', 'seq'], {
  name: 'hidden_messages_message_fkey',
  onDelete: 'CASCADE',
})
export class HiddenMessage {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'hidden_messages_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'hidden_messages_pkey' }) thread_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'hidden_messages_pkey' }) user_id!: string;
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'hidden_messages_pkey' }) seq!: number;
  @Column(timestamps) hidden_at!: Date;
}

/** One advance of a participant's read mark: messages up to seq, after the previous mark, were read at this time. */
@Entity('read_marks')
@Index('read_marks_read_at', ['organization_id', 'read_at'])
@ForeignKey(
  'participants',
  ['organization_id', 'thread_id', 'user_id'],
  ['organization_id', 'thread_id', 'user_id'],
  { name: 'read_marks_participant_fkey', onDelete: 'CASCADE' },
)
export class ReadMark {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'read_marks_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'read_marks_pkey' }) thread_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'read_marks_pkey' }) user_id!: string;
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'read_marks_pkey' }) seq!: number;
  @Column('timestamptz') read_at!: Date;
}
