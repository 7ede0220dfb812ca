import { ApiProperty } from '@nestjs/swagger';
import {
  type ApiKey,
  type ListedApiKey,
  type Member,
  type Organization,
  type Role,
  PERMISSIONS,
  expand,
} from '#identity';
import { DEMO_API_KEY, DEMO_ORGANIZATION, DEMO_PEOPLE } from '../demo/people.js';
import { optionalId, optionalText, time } from '../http/responses.js';
import { ListResponse } from '../http/list.js';

const { theo } = DEMO_PEOPLE;

export class OrganizationResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_ORGANIZATION.id }) id!: string;
  @ApiProperty({ example: DEMO_ORGANIZATION.name }) name!: string;
  @ApiProperty({ ...time, description: 'When it was created.' }) created_at!: string;
  @ApiProperty({ ...time, description: 'When it last changed.' }) updated_at!: string;
}

export const presentOrganization = (organization: Organization): OrganizationResponse => ({
  id: organization.id,
  name: organization.name,
  created_at: organization.created_at.toISOString(),
  updated_at: organization.updated_at.toISOString(),
});

export class ProfileResponse {
  @ApiProperty({ format: 'uuid', example: theo.id }) id!: string;
  @ApiProperty({ example: theo.username }) username!: string;
  @ApiProperty({ example: theo.display_name }) display_name!: string;
  @ApiProperty({ example: theo.role }) role!: string;
}

export const presentProfile = (
  member: Pick<Member, 'user_id' | 'username' | 'display_name' | 'role'>,
): ProfileResponse => ({
  id: member.user_id,
  username: member.username,
  display_name: member.display_name,
  role: member.role!,
});

export class ProfileListResponse extends ListResponse {
  @ApiProperty({ type: [ProfileResponse] }) data!: ProfileResponse[];
}

export class MemberResponse extends ProfileResponse {
  @ApiProperty({ ...optionalText, example: 'theo@example.com' }) email!: string | null;
  @ApiProperty({ ...optionalText, example: 'en-GB' }) locale!: string | null;
  @ApiProperty({ ...optionalText, example: 'Europe/London' }) time_zone!: string | null;
}

export const presentMember = (member: Member): MemberResponse => ({
  ...presentProfile(member),
  email: member.email,
  locale: member.locale,
  time_zone: member.time_zone,
});

export class VisibilityResponse {
  @ApiProperty({ enum: ['everyone', 'known', 'nobody'], description: 'Whose messages the person accepts.' })
  accepts_messages_from!: string;

  @ApiProperty({
    enum: ['organization', 'hidden'],
    description:
      'organization: members find the person in the directory. hidden: only the person and callers with members:manage do.',
  })
  profile_visibility!: string;

  @ApiProperty({ description: 'Whether others see what the person has read.' }) share_read_receipts!: boolean;

  @ApiProperty({
    description: 'Whether others see the person as offline, and never as typing.',
    example: false,
  })
  appear_offline!: boolean;
}

export const presentVisibility = (row: Pick<Member, keyof VisibilityResponse>): VisibilityResponse => ({
  accepts_messages_from: row.accepts_messages_from,
  profile_visibility: row.profile_visibility,
  share_read_receipts: row.share_read_receipts,
  appear_offline: row.appear_offline,
});

export class MeResponse extends MemberResponse {
  @ApiProperty({ enum: PERMISSIONS, isArray: true, description: 'The permissions of the role.', example: [] })
  permissions!: string[];
  @ApiProperty({ type: OrganizationResponse }) organization!: OrganizationResponse;
  @ApiProperty({ type: VisibilityResponse }) visibility!: VisibilityResponse;
}

export const presentMe = (
  { member, organization }: { member: Member; organization: Organization },
  permissions: ReadonlySet<string>,
): MeResponse => ({
  ...presentMember(member),
  permissions: [...permissions],
  organization: presentOrganization(organization),
  visibility: presentVisibility(member),
});

export class RoleResponse {
  @ApiProperty({ example: 'auditor' }) name!: string;

  @ApiProperty({
    type: [String],
    description: 'The stored permissions. They may include some that only a later version knows.',
    example: ['messages:monitor', 'audit:read'],
  })
  permissions!: string[];

  @ApiProperty({
    enum: PERMISSIONS,
    isArray: true,
    description: 'The permissions that apply in this version.',
    example: ['audit:read', 'messages:monitor'],
  })
  effective_permissions!: string[];
}

export const presentRole = (role: Role): RoleResponse => ({
  name: role.name,
  permissions: role.permissions,
  effective_permissions: [...expand(role.permissions)],
});

export class RoleListResponse extends ListResponse {
  @ApiProperty({ type: [RoleResponse] }) data!: RoleResponse[];
}

export class ApiKeyResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_API_KEY.id }) id!: string;
  @ApiProperty({ example: 'appointment reminders' }) name!: string;
  @ApiProperty({
    type: [String],
    description: 'The permissions of the key. They may include some that only a later version knows.',
    example: ['notifications:send', 'act_as'],
  })
  scopes!: string[];
  @ApiProperty({ ...time, description: 'When it was created.' }) created_at!: string;
  @ApiProperty({ ...time, nullable: true, description: 'When the key expires.' }) expires_at!: string | null;
  @ApiProperty({ ...time, nullable: true, description: 'When the key was last used, to the minute.' })
  last_used_at!: string | null;
  @ApiProperty({
    ...optionalId,
    description: 'The person who created the key, directly or through a service.',
  })
  created_by_user_id!: string | null;
  @ApiProperty({ ...optionalId, description: 'The key of the service that created it.', example: null })
  created_by_key_id!: string | null;
}

export const presentApiKey = (key: ApiKey): ApiKeyResponse => ({
  id: key.id,
  name: key.name,
  scopes: key.scopes,
  created_at: key.created_at.toISOString(),
  expires_at: key.expires_at?.toISOString() ?? null,
  last_used_at: key.last_used_at?.toISOString() ?? null,
  created_by_user_id: key.created_by_user_id ?? null,
  created_by_key_id: key.created_by_key_id ?? null,
});

export class ListedApiKeyResponse extends ApiKeyResponse {
  @ApiProperty({
    description:
      'Whether its creator was removed or revoked, or can no longer manage keys. Check whether the key is still needed.',
  })
  creator_removed!: boolean;
}

export const presentListedApiKey = (key: ListedApiKey): ListedApiKeyResponse => ({
  ...presentApiKey(key),
  creator_removed: key.creator_removed,
});

export class ApiKeyListResponse extends ListResponse {
  @ApiProperty({ type: [ListedApiKeyResponse] }) data!: ListedApiKeyResponse[];
}

export class NewApiKeyResponse extends ApiKeyResponse {
  @ApiProperty({
    ...optionalText,
    description: 'The key for X-Api-Key. It is shown once: a replay by Idempotency-Key returns null.',
    example: 'td_…',
  })
  secret!: string | null;
}

export const presentNewApiKey = (key: ApiKey & { secret: string | null }): NewApiKeyResponse => ({
  ...presentApiKey(key),
  secret: key.secret,
});
