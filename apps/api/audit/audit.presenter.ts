import { ApiProperty } from '@nestjs/swagger';
import { AUDITED_ACTIONS, AUDITED_TARGETS, type AuditEntry } from '#audit';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ListResponse } from '../http/list.js';

export class AuditEntryResponse {
  @ApiProperty({ format: 'uuid', example: '0199a000-0000-7000-8000-000000000801' }) id!: string;

  @ApiProperty({ enum: ['person', 'service', 'platform'], description: 'The kind of caller.' })
  actor_kind!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The person, also if a service acted on their behalf.',
    example: DEMO_PEOPLE.ada.id,
  })
  user_id!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The API key that was used.' })
  api_key_id!: string | null;

  @ApiProperty({ enum: AUDITED_ACTIONS, description: 'The action.', example: 'member.put' })
  action!: string;

  @ApiProperty({ enum: AUDITED_TARGETS, description: 'The type of the target.', example: 'user' })
  target_type!: string;

  @ApiProperty({ description: 'The id of the target.', example: DEMO_PEOPLE.theo.id }) target_id!: string;

  @ApiProperty({ type: String, nullable: true, description: 'The reason, for actions that require one.' })
  reason!: string | null;

  @ApiProperty({
    type: Object,
    additionalProperties: true,
    description: 'Details of the action.',
    example: { role: 'therapist' },
  })
  details!: Record<string, unknown>;

  @ApiProperty({ description: 'The X-Request-Id of the request.', example: 'demo' }) request_id!: string;
  @ApiProperty({ format: 'date-time', example: '2026-11-20T09:30:00.000Z' }) created_at!: string;
}

export class AuditListResponse extends ListResponse {
  @ApiProperty({ type: [AuditEntryResponse] }) data!: AuditEntryResponse[];
}

export const presentAuditEntry = (entry: AuditEntry): AuditEntryResponse => ({
  id: entry.id,
  actor_kind: entry.actor_kind,
  user_id: entry.user_id,
  api_key_id: entry.api_key_id,
  action: entry.action,
  target_type: entry.target_type,
  target_id: entry.target_id,
  reason: entry.reason,
  details: entry.details,
  request_id: entry.request_id,
  created_at: entry.created_at.toISOString(),
});
