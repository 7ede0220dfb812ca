import { ApiProperty } from '@nestjs/swagger';
import { CHANNELS, type Channel, type ShownType } from '#preferences';
import { IntegerField, MapField } from '../http/compound-fields.js';
import { ChoicesField } from '../http/fields.js';
import { ListResponse } from '../http/list.js';
import { Channels } from './document.models.js';

const A_WEEK = 604_800;
const RETENTION_DAYS = 90;

export class PutNotificationTypeRequest {
  @MapField(
    { type: Channels },
    {
      description: 'The channels for people without a choice of their own. Omitted channels are off.',
      example: { in_app: 'on', realtime: 'on', email: 'daily' },
    },
  )
  default_channels!: unknown;

  @ChoicesField({
    description: 'The channels that are always on, for everybody. Default: none.',
    choices: CHANNELS,
    example: ['in_app'],
    optional: true,
  })
  mandatory_channels?: Channel[];

  @IntegerField({
    description:
      'The seconds in which notifications with one group_key are grouped. Default: 0, no grouping.',
    minimum: 0,
    maximum: A_WEEK,
    example: 3600,
    optional: true,
  })
  aggregation_window_seconds?: number;

  @IntegerField({
    description: `The days for which notifications are kept. Default: ${RETENTION_DAYS}.`,
    minimum: 1,
    maximum: 3650,
    example: RETENTION_DAYS,
    optional: true,
  })
  retention_days?: number;
}

export const typeInput = (request: PutNotificationTypeRequest) => ({
  default_channels: request.default_channels,
  mandatory_channels: request.mandatory_channels ?? [],
  aggregation_window_seconds: request.aggregation_window_seconds ?? 0,
  retention_days: request.retention_days ?? RETENTION_DAYS,
});

export class NotificationTypeResponse {
  @ApiProperty({ example: 'LAB_RESULT' }) name!: string;
  @ApiProperty({ type: Channels, description: 'The channels for people without a choice of their own.' })
  default_channels!: Channels;

  @ApiProperty({
    enum: CHANNELS,
    isArray: true,
    description: 'The channels that are always on, for everybody.',
    example: ['in_app'],
  })
  mandatory_channels!: Channel[];

  @ApiProperty({ type: 'integer', example: 3600 }) aggregation_window_seconds!: number;
  @ApiProperty({ type: 'integer', example: RETENTION_DAYS }) retention_days!: number;

  @ApiProperty({ description: 'Whether this is a built-in type that the organization has not changed.' })
  is_default!: boolean;
}

export class NotificationTypeListResponse extends ListResponse {
  @ApiProperty({ type: [NotificationTypeResponse] }) data!: NotificationTypeResponse[];
}

export const presentType = (type: ShownType): NotificationTypeResponse => ({
  name: type.name,
  default_channels: type.default_channels,
  mandatory_channels: type.mandatory_channels,
  aggregation_window_seconds: type.aggregation_window_seconds,
  retention_days: type.retention_days,
  is_default: type.isDefault,
});
