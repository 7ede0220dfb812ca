import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

const timestamps = { type: 'timestamptz', default: () => 'now()' } as const;

@Entity('organizations')
@Check('organizations_name_length', 'char_length(name) BETWEEN 1 AND 200')
export class Organization {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'organizations_pkey' }) id!: string;
  @Column('text') name!: string;
  @Column(timestamps) created_at!: Date;
  @Column(timestamps) updated_at!: Date;
}

/** The identity of a person, shared between organizations. It contains only the id. */
@Entity('users')
export class User {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'users_pkey' }) id!: string;
  @Column(timestamps) created_at!: Date;
}

@Entity('roles')
@Check('roles_name_length', 'char_length(name) BETWEEN 1 AND 50')
@ForeignKey(() => Organization, ['organization_id'], ['id'], {
  name: 'roles_organization_fkey',
  onDelete: 'CASCADE',
})
export class Role {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'roles_pkey' }) organization_id!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'roles_pkey' }) name!: string;
  @Column('text', { array: true }) permissions!: string[];
  @Column(timestamps) created_at!: Date;
  @Column(timestamps) updated_at!: Date;
}

/** Who is in the directory for everyone. Queries use the partial indexes only with exactly this text. */
export const IS_VISIBLE = `removed_at IS NULL AND profile_visibility = 'organization'`;

/** The data that one organization stores of a person. */
@Entity('members')
@Check('members_username_length', 'char_length(username) BETWEEN 1 AND 64')
@Check('members_username_key_folded', 'username_key = lower(username)')
@Check('members_display_name_length', 'char_length(display_name) BETWEEN 1 AND 200')
@Check('members_email_length', 'char_length(email) <= 254')
@Check('members_accepts_messages_from_known', `accepts_messages_from IN ('everyone', 'known', 'nobody')`)
@Check('members_profile_visibility_known', `profile_visibility IN ('organization', 'hidden')`)
@Check('members_role_while_member', 'removed_at IS NOT NULL OR role IS NOT NULL')
@ForeignKey(() => Organization, ['organization_id'], ['id'], {
  name: 'members_organization_fkey',
  onDelete: 'CASCADE',
})
@ForeignKey(() => User, ['user_id'], ['id'], { name: 'members_user_fkey', onDelete: 'CASCADE' })
@ForeignKey(() => Role, ['organization_id', 'role'], ['organization_id', 'name'], {
  name: 'members_role_fkey',
})
@Index('members_username', ['organization_id', 'username_key'], { unique: true, where: 'removed_at IS NULL' })
@Index('members_by_role', ['organization_id', 'role', 'username_key'])
@Index('members_visible', ['organization_id', 'username_key'], { where: IS_VISIBLE })
@Index('members_visible_by_role', ['organization_id', 'role', 'username_key'], { where: IS_VISIBLE })
@Index('members_user', ['user_id'])
export class Member {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'members_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'members_pkey' }) user_id!: string;
  @Column('text') username!: string;
  @Column('text') username_key!: string;
  @Column('text') display_name!: string;
  @Column('text', { nullable: true }) email!: string | null;
  @Column('text', { nullable: true }) locale!: string | null;
  @Column('text', { nullable: true }) time_zone!: string | null;
  /** null once removed, so that a role nobody has can be deleted. */
  @Column('text', { nullable: true }) role!: string | null;
  @Column('text', { default: 'everyone' }) accepts_messages_from!: 'everyone' | 'known' | 'nobody';
  @Column('text', { default: 'organization' }) profile_visibility!: 'organization' | 'hidden';
  @Column('boolean', { default: true }) share_read_receipts!: boolean;
  /** Others see the person as offline since then, and never as typing. */
  @Column('boolean', { default: false }) appear_offline!: boolean;
  /** Maintained by a trigger, for people with too many threads to count. */
  @Column('integer', { default: 0 }) direct_threads!: number;
  /** The start of the membership. A person who was removed and added again has a new one. */
  @Column(timestamps) created_at!: Date;
  @Column(timestamps) updated_at!: Date;
  @Column('timestamptz', { nullable: true }) removed_at!: Date | null;
}

/**
 * The search index of the directory: one row for each beginning of up to three characters of each word of a member's
 * names. Username, role and visibility are copies from members, maintained by a trigger.
 */
@Entity('member_words')
@ForeignKey('members', ['organization_id', 'user_id'], ['organization_id', 'user_id'], {
  name: 'member_words_member_fkey',
  onDelete: 'CASCADE',
})
@Index('member_words_member', ['organization_id', 'user_id'])
export class MemberWord {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'member_words_pkey' }) organization_id!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'member_words_pkey', collation: 'C' }) prefix!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'member_words_pkey' }) username_key!: string;
  @Column('uuid') user_id!: string;
  @Column({ type: 'text', collation: 'C' }) words!: string;
  @Column('text', { nullable: true }) role!: string | null;
  @Column('text') profile_visibility!: 'organization' | 'hidden';
}

@Entity('api_keys')
@Index('api_keys_revoked_at', ['organization_id', 'revoked_at'], { where: 'revoked_at IS NOT NULL' })
@Check('api_keys_name_length', 'char_length(name) BETWEEN 1 AND 100')
@Check('api_keys_slot_known', 'slot IN (1, 2)')
@ForeignKey(() => Organization, ['organization_id'], ['id'], {
  name: 'api_keys_organization_fkey',
  onDelete: 'CASCADE',
})
@Index('api_keys_slot', ['organization_id', 'name', 'slot'], { unique: true, where: 'revoked_at IS NULL' })
export class ApiKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' }) id!: string;
  @Column('text') name!: string;
  @Column('smallint') slot!: number;
  @Column('bytea') secret_hash!: Buffer;
  @Column('text', { array: true }) scopes!: string[];
  @Column(timestamps) created_at!: Date;
  @Column('timestamptz', { nullable: true }) expires_at!: Date | null;
  @Column('timestamptz', { nullable: true }) last_used_at!: Date | null;
  @Column('timestamptz', { nullable: true }) revoked_at!: Date | null;
  /**
   * The creator: a person, a service, or a service on behalf of a person. Both are null for the key of the
   * environment.
   */
  @Column('uuid', { nullable: true }) created_by_user_id!: string | null;
  @Column('uuid', { nullable: true }) created_by_key_id!: string | null;
}
