import { ApiProperty } from '@nestjs/swagger';
import type { EndpointRow, EndpointWithSecret, TestResult } from '#webhooks';
import { DEMO_WEBHOOK } from '../demo/webhooks.js';
import { optionalText, optionalTime, presentOptionalTime, presentTime, time } from '../http/responses.js';
import { ListResponse } from '../http/list.js';

export class WebhookResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_WEBHOOK.id }) id!: string;
  @ApiProperty({ example: DEMO_WEBHOOK.url }) url!: string;

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'The notification types, or null for all.',
    example: DEMO_WEBHOOK.types,
  })
  types!: string[] | null;

  @ApiProperty({ example: true }) enabled!: boolean;
  @ApiProperty({ ...optionalTime, description: 'When it was disabled, or null while it is enabled.' })
  disabled_at!: string | null;
  @ApiProperty({ ...optionalText, description: 'Why it was disabled.', example: null }) disabled_reason!:
    string | null;

  @ApiProperty({
    ...optionalTime,
    description: 'Until when earlier secrets sign too.',
  })
  previous_secret_until!: string | null;

  @ApiProperty({
    description:
      'Whether notifications of type MESSAGE are sent with their content: only while the caller who last set the URL or the types holds messages:monitor.',
    example: true,
  })
  includes_message_content!: boolean;

  @ApiProperty({
    ...optionalTime,
    description: 'The first failure after the last success. The webhook is disabled after five days.',
    example: null,
  })
  failing_since!: string | null;

  @ApiProperty(time) created_at!: string;
  @ApiProperty(time) updated_at!: string;
}

export class WebhookListResponse extends ListResponse {
  @ApiProperty({ type: [WebhookResponse], description: 'Newest first.' }) data!: WebhookResponse[];
}

export class WebhookWithSecretResponse extends WebhookResponse {
  @ApiProperty({
    ...optionalText,
    description:
      'The signing secret. It is shown once, after creation or rotation: store it now. Otherwise null.',
    example: 'whsec_…',
  })
  secret!: string | null;
}

export class WebhookTestResponse {
  @ApiProperty({ enum: ['delivered', 'failed'], example: 'failed' }) status!: string;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'The status of the response, or null without a response.',
    example: null,
  })
  response_status!: number | null;

  @ApiProperty({ ...optionalText, example: 'The name of the host could not be resolved.' })
  error!: string | null;

  @ApiProperty({ type: 'integer', example: 42 }) duration_ms!: number;
}

export const presentWebhook = (row: EndpointRow): WebhookResponse => ({
  id: row.id,
  url: row.url,
  types: row.types,
  enabled: row.disabled_at === null,
  disabled_at: presentOptionalTime(row.disabled_at),
  disabled_reason: row.disabled_reason,
  previous_secret_until: presentOptionalTime(row.previous_secret_until),
  includes_message_content: row.may_read_messages,
  failing_since: presentOptionalTime(row.failing_since),
  created_at: presentTime(row.created_at),
  updated_at: presentTime(row.updated_at),
});

export const presentWebhookWithSecret = (row: EndpointWithSecret): WebhookWithSecretResponse => ({
  ...presentWebhook(row),
  secret: row.secret,
});

export const presentTest = ({ response_status, error, duration_ms }: TestResult): WebhookTestResponse => ({
  status: error === null ? 'delivered' : 'failed',
  response_status,
  error,
  duration_ms,
});
