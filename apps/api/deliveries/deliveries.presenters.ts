import { ApiProperty } from '@nestjs/swagger';
import { DELIVERY_STATUSES, type Delivery, SENT_CHANNELS } from '#delivery';
import { DEMO_NOTIFICATION } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { optionalText, optionalTime, presentOptionalTime, presentTime, time } from '../http/answers.js';
import { ListAnswer } from '../http/list.js';

/** In the demo nothing fails, so there is none to be tried again. */
export const DELIVERY_EXAMPLE = '0199a000-0000-7000-8000-000000000701';

/** What has become of one notification on one channel, as the person it is for may know it. */
export class DeliveryProgressAnswer {
  @ApiProperty({ enum: SENT_CHANNELS, example: 'email' }) channel!: string;

  @ApiProperty({
    enum: DELIVERY_STATUSES,
    description: 'waiting for its time or for another attempt; sent; failed for good; cancelled.',
    example: 'sent',
  })
  status!: string;

  @ApiProperty({ type: 'integer', description: 'How often it was tried.', example: 1 }) attempts!: number;

  @ApiProperty({
    ...optionalText,
    description: 'hourly or daily where it is gathered with others.',
    example: null,
  })
  digest!: string | null;

  @ApiProperty({ ...optionalTime, description: 'When it is tried next.', example: null }) due_at!:
    string | null;

  @ApiProperty({ ...optionalTime, description: 'When the other side accepted it.' }) sent_at!: string | null;
}

export class DeliveryAnswer extends DeliveryProgressAnswer {
  @ApiProperty({ format: 'uuid', example: DELIVERY_EXAMPLE }) id!: string;
  @ApiProperty({ format: 'uuid', example: DEMO_NOTIFICATION.id }) notification_id!: string;
  @ApiProperty({ format: 'uuid', example: DEMO_PEOPLE.ada.id }) user_id!: string;

  @ApiProperty({
    format: 'uuid',
    description: 'The webhook endpoint or the browser; of e-mail, the person.',
    example: DEMO_PEOPLE.ada.id,
  })
  target_id!: string;

  @ApiProperty({ ...optionalText, description: 'Why it failed last, or was cancelled.', example: null })
  last_error!: string | null;

  @ApiProperty(time) created_at!: string;
}

export class DeliveryListAnswer extends ListAnswer {
  @ApiProperty({ type: [DeliveryAnswer], description: 'Newest first.' }) data!: DeliveryAnswer[];
}

export const presentDeliveryProgress = (delivery: Delivery): DeliveryProgressAnswer => ({
  channel: delivery.channel,
  status: delivery.status,
  attempts: delivery.attempts,
  digest: delivery.digest,
  due_at: delivery.status === 'waiting' ? presentTime(delivery.due_at) : null,
  sent_at: presentOptionalTime(delivery.sent_at),
});

export const presentDelivery = (delivery: Delivery): DeliveryAnswer => ({
  id: delivery.id,
  notification_id: delivery.notification_id,
  user_id: delivery.user_id,
  target_id: delivery.target_id,
  ...presentDeliveryProgress(delivery),
  last_error: delivery.last_error,
  created_at: presentTime(delivery.created_at),
});
