import { ApiProperty } from '@nestjs/swagger';
import { DELIVERY_STATUSES, type Delivery, type DeliveryStatus } from '#delivery';
import { SENT_CHANNELS } from '#outbound';
import { DEMO_NOTIFICATION } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { DIGESTS } from '#preferences';
import { optionalText, optionalTime, presentOptionalTime, presentTime, time } from '../http/responses.js';
import { ListResponse } from '../http/list.js';
import { reasonForAdmin, reasonForPerson } from './cancel-reasons.js';

/** No delivery of the demo fails, so this id does not exist. */
export const DELIVERY_EXAMPLE = '0199a000-0000-7000-8000-000000000701';

/** Fields that admins and the recipient see. */
class DeliveryAttemptsResponse {
  @ApiProperty({ enum: SENT_CHANNELS, example: 'email' }) channel!: string;
  @ApiProperty({ type: 'integer', description: 'The number of attempts.', example: 1 }) attempts!: number;

  @ApiProperty({
    ...optionalText,
    enum: DIGESTS,
    description: 'hourly or daily for a delivery in a digest.',
    example: null,
  })
  digest!: string | null;

  @ApiProperty({ ...optionalTime, description: 'When the next attempt is due.', example: null }) due_at!:
    string | null;
}

/** A delivery as its recipient sees it. */
export class DeliveryProgressResponse extends DeliveryAttemptsResponse {
  @ApiProperty({
    enum: DELIVERY_STATUSES.filter((status) => status !== 'closed'),
    description: 'waiting: due later, or for another attempt. sent. failed: no more attempts. cancelled.',
    example: 'sent',
  })
  status!: string;

  @ApiProperty({ ...optionalText, description: 'Why it was cancelled.', example: null }) reason!:
    string | null;

  @ApiProperty({ ...optionalTime, description: "When the recipient's server accepted it." }) sent_at!:
    string | null;
}

export class DeliveryResponse extends DeliveryAttemptsResponse {
  @ApiProperty({ format: 'uuid', example: DELIVERY_EXAMPLE }) id!: string;
  @ApiProperty({ format: 'uuid', example: DEMO_NOTIFICATION.id }) notification_id!: string;
  @ApiProperty({ format: 'uuid', example: DEMO_PEOPLE.ada.id }) user_id!: string;

  @ApiProperty({
    format: 'uuid',
    description: 'The webhook, the browser or, for e-mail, the person.',
    example: DEMO_PEOPLE.ada.id,
  })
  target_id!: string;

  @ApiProperty({
    enum: DELIVERY_STATUSES,
    description:
      'waiting: due later, or for another attempt. sent. failed: no more attempts. cancelled. closed: a delayed delivery (digest, pause, quiet hours) that was sent, or that the person had read or no longer wanted. Only the person sees which.',
    example: 'sent',
  })
  status!: string;

  @ApiProperty({ ...optionalTime, description: "When the recipient's server accepted it. null for closed." })
  sent_at!: string | null;

  @ApiProperty({
    ...optionalText,
    description:
      'Why the last attempt failed, or why it was cancelled. "No longer wanted." stands for every reason that is private to the person.',
    example: null,
  })
  last_error!: string | null;

  @ApiProperty(time) created_at!: string;
}

export class DeliveryListResponse extends ListResponse {
  @ApiProperty({ type: [DeliveryResponse], description: 'Newest first.' }) data!: DeliveryResponse[];
}

const presentAttempts = (delivery: Delivery): DeliveryAttemptsResponse => ({
  channel: delivery.channel,
  attempts: delivery.attempts,
  digest: delivery.digest,
  due_at: delivery.status === 'waiting' ? presentTime(delivery.due_at) : null,
});

export const presentDeliveryProgress = (delivery: Delivery): DeliveryProgressResponse => ({
  ...presentAttempts(delivery),
  status: delivery.status === 'closed' ? statusBehindClosed(delivery) : delivery.status,
  reason: delivery.reason && reasonForPerson(delivery.reason),
  sent_at: presentOptionalTime(delivery.sent_at),
});

const statusBehindClosed = ({ sent_at }: Delivery): DeliveryStatus => (sent_at ? 'sent' : 'cancelled');

export const presentDelivery = (delivery: Delivery): DeliveryResponse => ({
  ...presentAttempts(delivery),
  id: delivery.id,
  notification_id: delivery.notification_id,
  user_id: delivery.user_id,
  target_id: delivery.target_id,
  status: delivery.status,
  sent_at: delivery.status === 'closed' ? null : presentOptionalTime(delivery.sent_at),
  last_error: delivery.status === 'cancelled' ? reasonForAdmin(delivery.reason) : delivery.last_error,
  created_at: presentTime(delivery.created_at),
});
