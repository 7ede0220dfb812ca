import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { Channel, ChannelValue } from './channels.js';
import type { OrganizationDocument, PreferenceDocument } from './document.js';
import type { TypeDefinition } from './type-definition.js';

const now = { type: 'timestamptz', default: () => 'now()' } as const;

const ofOrganization = (name: string) =>
  ForeignKey('organizations', ['organization_id'], ['id'], { name, onDelete: 'CASCADE' });

/** The notification types of an organization: its own, and changed built-in ones. */
@Entity('notification_types')
@Check('notification_types_name_length', 'char_length(name) BETWEEN 1 AND 50')
@Check(
  'notification_types_aggregation_window_seconds_range',
  'aggregation_window_seconds BETWEEN 0 AND 604800',
)
@Check('notification_types_retention_days_range', 'retention_days BETWEEN 1 AND 3650')
@ofOrganization('notification_types_organization_fkey')
export class NotificationType implements TypeDefinition {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notification_types_pkey' }) organization_id!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'notification_types_pkey' }) name!: string;
  @Column('jsonb') default_channels!: Record<Channel, ChannelValue>;
  @Column('text', { array: true }) mandatory_channels!: Channel[];
  @Column('integer') aggregation_window_seconds!: number;
  @Column('integer') retention_days!: number;
  @Column(now) created_at!: Date;
  @Column(now) updated_at!: Date;
}

/** The defaults of an organization for people without a choice of their own, and the locks. */
@Entity('organization_preferences')
@ofOrganization('organization_preferences_organization_fkey')
export class OrganizationPreferences {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'organization_preferences_pkey' })
  organization_id!: string;

  @Column('jsonb') document!: OrganizationDocument;
  @Column(now) updated_at!: Date;
}

/** A person's choices for one organization. */
@Entity('member_preferences')
@ForeignKey('members', ['organization_id', 'user_id'], ['organization_id', 'user_id'], {
  name: 'member_preferences_member_fkey',
  onDelete: 'CASCADE',
})
export class MemberPreferences {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'member_preferences_pkey' }) organization_id!: string;
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'member_preferences_pkey' }) user_id!: string;
  @Column('jsonb') document!: PreferenceDocument;
  @Column(now) updated_at!: Date;
}

/** A person's choices for all organizations. The row belongs to the person, and their organizations only read it. */
@Entity('user_preferences')
@ForeignKey('users', ['user_id'], ['id'], { name: 'user_preferences_user_fkey', onDelete: 'CASCADE' })
export class UserPreferences {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'user_preferences_pkey' }) user_id!: string;
  @Column('jsonb') document!: PreferenceDocument;
  @Column(now) updated_at!: Date;
}
