import { ApiProperty } from '@nestjs/swagger';
import type { Delivery } from '#delivery';
import type { NotificationRow, RequestResult, RequestRow } from '#notifications';
import { CHANNELS, CHANNEL_VALUES, SOURCES, sourceOf } from '#preferences';
import { DEMO_NOTIFICATION, DEMO_NOTIFICATION_REQUEST } from '../demo/conversations.js';
import { DeliveryProgressResponse, presentDeliveryProgress } from '../deliveries/deliveries.presenters.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import {
  optionalId,
  optionalText,
  optionalTime,
  presentOptionalTime,
  presentTime,
  time,
} from '../http/responses.js';
import { ListResponse } from '../http/list.js';

export class NotificationResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_NOTIFICATION.id }) id!: string;
  @ApiProperty({ format: 'uuid', example: DEMO_PEOPLE.ada.id }) user_id!: string;
  @ApiProperty({ example: 'SYSTEM' }) type!: string;
  @ApiProperty({ example: DEMO_NOTIFICATION.title }) title!: string;
  @ApiProperty({ example: 'From 6 to 8 in the morning.' }) body!: string;

  @ApiProperty({
    type: Object,
    additionalProperties: true,
    description: 'The data of the request. For a message: {thread_id, message_id, sender_id}.',
    example: {},
  })
  data!: Record<string, unknown>;

  @ApiProperty({ enum: ['unread', 'read', 'archived'], example: 'unread' }) status!: string;
  @ApiProperty({ example: false }) is_read!: boolean;
  @ApiProperty(optionalTime) read_at!: string | null;
  @ApiProperty({
    ...optionalText,
    description: 'The URL that the notification opens.',
    example: null,
  })
  action_url!: string | null;
  @ApiProperty({ enum: ['normal', 'urgent'], example: 'normal' }) priority!: string;
  @ApiProperty({ ...optionalId, description: 'The person who caused the notification.', example: null })
  actor_id!: string | null;

  @ApiProperty({
    ...optionalId,
    description: 'The id of the group of notifications.',
    example: null,
  })
  aggregation_id!: string | null;

  @ApiProperty({ example: false }) delivered_via_ws!: boolean;
  @ApiProperty({ example: false }) delivered_via_email!: boolean;
  @ApiProperty(time) created_at!: string;
  @ApiProperty(optionalTime) expires_at!: string | null;

  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'In a grouped feed: the number of notifications in this group.',
    example: 1,
  })
  count?: number;
}

export const presentNotification = (row: NotificationRow): NotificationResponse => ({
  id: row.id,
  user_id: row.user_id,
  type: row.type,
  title: row.title,
  body: row.body,
  data: row.data,
  status: row.archived_at ? 'archived' : row.read_at ? 'read' : 'unread',
  is_read: row.read_at !== null,
  read_at: presentOptionalTime(row.read_at),
  action_url: row.action_url,
  priority: row.priority,
  actor_id: row.actor_id,
  aggregation_id: row.aggregation_id,
  delivered_via_ws: row.delivered_via_ws_at !== null,
  delivered_via_email: row.delivered_via_email_at !== null,
  created_at: presentTime(row.created_at),
  expires_at: presentOptionalTime(row.expires_at),
  ...(row.count !== undefined && { count: row.count }),
});

export class NotificationListResponse extends ListResponse {
  @ApiProperty({ type: [NotificationResponse], description: 'Newest first.' }) data!: NotificationResponse[];
  @ApiProperty({ type: 'integer', description: 'The unread notifications of the whole feed.', example: 3 })
  unread_count!: number;
}

export class NotificationCountResponse {
  @ApiProperty({ type: 'integer', example: 3 }) unread_count!: number;

  @ApiProperty({
    type: Object,
    additionalProperties: { type: 'integer' },
    example: { MESSAGE: 2, SYSTEM: 1 },
  })
  by_type!: Record<string, number>;
}

export class ReadAllResponse {
  @ApiProperty({ type: 'integer', example: 3 }) updated!: number;
  @ApiProperty({ type: 'integer', example: 0 }) unread_count!: number;
}

export class DecisionResponse {
  @ApiProperty({ enum: CHANNELS, example: 'in_app' }) channel!: string;
  @ApiProperty({ enum: CHANNEL_VALUES, example: 'on' }) value!: string;
  @ApiProperty({ enum: SOURCES, description: 'Who decided.', example: 'type' }) source!: string;
  @ApiProperty({ description: 'The deciding rule.', example: 'type.default' }) rule!: string;

  @ApiProperty({ ...optionalTime, description: 'Until when a pause or quiet hours delay it.' })
  delayed_until!: string | null;

  @ApiProperty({ ...optionalText, description: 'The path of the choice that delays it.', example: null })
  delayed_by!: string | null;
}

export class ExplanationResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_NOTIFICATION.id }) notification_id!: string;
  @ApiProperty({ type: [DecisionResponse] }) channels!: DecisionResponse[];

  @ApiProperty({
    type: [DeliveryProgressResponse],
    description: 'The deliveries by e-mail, web push and webhook.',
  })
  deliveries!: DeliveryProgressResponse[];
}

export const presentExplanation = (
  { id, decisions }: NotificationRow,
  deliveries: Delivery[],
): ExplanationResponse => ({
  notification_id: id,
  channels: CHANNELS.map((channel) => {
    const { value, rule, delayed_until = null, delayed_by = null } = decisions[channel];
    return {
      channel,
      value,
      source: sourceOf(rule),
      rule,
      delayed_until: presentOptionalTime(delayed_until),
      delayed_by,
    };
  }),
  deliveries: deliveries.map(presentDeliveryProgress),
});

export class NotificationRequestResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_NOTIFICATION_REQUEST.id }) id!: string;
  @ApiProperty({ enum: ['scheduled', 'sending', 'sent', 'retracted'], example: 'sent' }) status!: string;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'The number of recipients, or null while it is not known.',
    example: 2,
  })
  recipients!: number | null;
}

export class AcceptedRequestResponse extends NotificationRequestResponse {
  @ApiProperty({ type: [String], description: 'The named people who are not members.', example: [] })
  unknown_users!: string[];
}

export class RequestProgressResponse extends NotificationRequestResponse {
  @ApiProperty({ type: 'integer', description: 'The number of people notified so far.', example: 2 })
  notified!: number;
  @ApiProperty({ ...optionalTime, description: 'When it is due.' }) deliver_at!: string | null;
  @ApiProperty(time) created_at!: string;
  @ApiProperty({ ...optionalTime, description: 'When everybody had been notified.' }) finished_at!:
    string | null;
}

const presentRequest = ({ id, status, recipients }: RequestRow): NotificationRequestResponse => ({
  id,
  status,
  recipients,
});

export const presentAccepted = ({ request, unknown }: RequestResult): AcceptedRequestResponse => ({
  ...presentRequest(request),
  unknown_users: unknown,
});

export const presentProgress = (request: RequestRow): RequestProgressResponse => ({
  ...presentRequest(request),
  notified: request.notified,
  deliver_at: presentOptionalTime(request.deliver_at),
  created_at: presentTime(request.created_at),
  finished_at: presentOptionalTime(request.finished_at),
});
