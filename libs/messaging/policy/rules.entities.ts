import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Allows } from './contact-policy.js';

/** An organization's rule for one role towards another, instead of the default. */
@Entity('messaging_rules')
@Check('messaging_rules_allows_known', `allows IN ('initiate', 'reply', 'deny')`)
@Check('messaging_rules_reply_window_days_range', 'reply_window_days BETWEEN 1 AND 3650')
@Check('messaging_rules_window_of_reply', `reply_window_days IS NULL OR allows = 'reply'`)
@ForeignKey('roles', ['organization_id', 'from_role'], ['organization_id', 'name'], {
  name: 'messaging_rules_from_role_fkey',
  onDelete: 'CASCADE',
})
@ForeignKey('roles', ['organization_id', 'to_role'], ['organization_id', 'name'], {
  name: 'messaging_rules_to_role_fkey',
  onDelete: 'CASCADE',
})
@Index('messaging_rules_to_role', ['organization_id', 'to_role'])
export class MessagingRule {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'messaging_rules_pkey' }) organization_id!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'messaging_rules_pkey' }) from_role!: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'messaging_rules_pkey' }) to_role!: string;
  @Column('text') allows!: Allows;
  @Column('integer', { nullable: true }) reply_window_days!: number | null;
}

@Entity('messaging_settings')
@Check('messaging_settings_delete_window_hours_range', 'delete_window_hours BETWEEN 0 AND 87600')
@ForeignKey('organizations', ['organization_id'], ['id'], {
  name: 'messaging_settings_organization_fkey',
  onDelete: 'CASCADE',
})
export class MessagingSettings {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'messaging_settings_pkey' }) organization_id!: string;
  /** How long after sending the sender may delete a message for everyone. */
  @Column('integer') delete_window_hours!: number;
}
