import { ApiProperty } from '@nestjs/swagger';
import { ALLOWS, type MessagingRules, type OverseenMessage, type OverseenThread } from '#messaging';
import { DEMO_MESSAGES, DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import {
  optionalId,
  optionalText,
  optionalTime,
  presentOptionalTime,
  presentTime,
  time,
} from '../http/responses.js';
import { ListResponse, presentPage } from '../http/list.js';
import { ContextResponse, contextOf } from './thread.presenters.js';

const { theo } = DEMO_PEOPLE;

export class OverseenParticipantResponse {
  @ApiProperty({ format: 'uuid', example: theo.id }) user_id!: string;
  @ApiProperty({ example: theo.username }) username!: string;
  @ApiProperty({ example: theo.display_name }) display_name!: string;
  @ApiProperty({ description: 'Whether the person owns the group.', example: true }) is_owner!: boolean;
  @ApiProperty({ ...optionalTime, description: 'When the person left the thread.' }) left_at!: string | null;
}

export class OverseenThreadResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.group.id }) id!: string;
  @ApiProperty({ enum: ['direct', 'group'], example: 'group' }) kind!: string;
  @ApiProperty({ ...optionalText, example: DEMO_THREADS.group.subject }) subject!: string | null;
  @ApiProperty({ type: ContextResponse, nullable: true, description: 'What the thread is about.' })
  context!: ContextResponse | null;
  @ApiProperty({ type: [OverseenParticipantResponse], description: 'The first 20 participants.' })
  participants!: OverseenParticipantResponse[];
  @ApiProperty({ type: 'integer', example: 3 }) message_count!: number;
  @ApiProperty(optionalTime) last_message_at!: string | null;
  @ApiProperty(time) created_at!: string;
}

export const presentOverseenThread = (thread: OverseenThread): OverseenThreadResponse => ({
  id: thread.id,
  kind: thread.kind,
  subject: thread.subject,
  context: contextOf(thread),
  participants: (thread.participants ?? []).map(({ left_at, ...participant }) => ({
    ...participant,
    left_at: presentOptionalTime(left_at),
  })),
  message_count: thread.message_count,
  last_message_at: presentOptionalTime(thread.last_message_at),
  created_at: presentTime(thread.created_at),
});

export class OverseenThreadListResponse extends ListResponse {
  @ApiProperty({ type: [OverseenThreadResponse], description: 'Newest first.' })
  data!: OverseenThreadResponse[];
}

export class OverseenMessageResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_MESSAGES.toModerate.id }) id!: string;
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.group.id }) thread_id!: string;
  @ApiProperty({ type: 'integer', example: 3 }) seq!: number;
  @ApiProperty({ type: 'integer', description: 'Increases with each change.', example: 1 }) rev!: number;
  @ApiProperty({ ...optionalId, example: theo.id }) sender_id!: string | null;
  @ApiProperty({ ...optionalText, example: theo.username }) sender!: string | null;
  @ApiProperty({
    ...optionalId,
    description: 'The API key of the service that sent it on behalf of the sender.',
    example: null,
  })
  api_key_id!: string | null;
  @ApiProperty({ ...optionalText, example: 'Tuesday' }) subject!: string | null;
  @ApiProperty({
    description: 'The text, even of a deleted message.',
    example: DEMO_MESSAGES.toModerate.content,
  })
  content!: string;
  @ApiProperty({ ...optionalId, description: 'The message that this one replies to.', example: null })
  reply_to_id!: string | null;
  @ApiProperty(time) sent_at!: string;
  @ApiProperty(optionalTime) edited_at!: string | null;
  @ApiProperty({ ...optionalTime, description: 'When it was deleted for everyone, or by both sides.' })
  deleted_at!: string | null;
}

export const presentOverseenMessage = (message: OverseenMessage): OverseenMessageResponse => ({
  id: message.id,
  thread_id: message.thread_id,
  seq: message.seq,
  rev: message.rev,
  sender_id: message.sender_id,
  sender: message.sender,
  api_key_id: message.api_key_id,
  subject: message.subject,
  content: message.content,
  reply_to_id: message.reply_to_id,
  sent_at: presentTime(message.created_at),
  edited_at: presentOptionalTime(message.edited_at),
  deleted_at: presentOptionalTime(message.deleted_at),
});

export class OverseenMessageListResponse extends ListResponse {
  @ApiProperty({ type: [OverseenMessageResponse], description: 'Newest first.' })
  data!: OverseenMessageResponse[];
}

export class MessagingRuleResponse {
  @ApiProperty({ example: 'user' }) from_role!: string;
  @ApiProperty({ example: 'clinician' }) to_role!: string;
  @ApiProperty({ enum: ALLOWS, example: 'reply' }) allows!: string;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'The days in which a reply is allowed, or null without a limit.',
    example: null,
  })
  reply_window_days!: number | null;
  @ApiProperty({ description: 'Whether this is the default.' }) is_default!: boolean;
}

export class MessagingRulesResponse extends ListResponse {
  @ApiProperty({ type: [MessagingRuleResponse], description: 'One rule for each pair of roles.' })
  rules!: MessagingRuleResponse[];
  @ApiProperty({ type: 'integer', example: 24 }) delete_window_hours!: number;
}

const presentRule = ({
  from_role,
  to_role,
  allows,
  reply_window_days,
  is_default,
}: MessagingRuleResponse) => ({
  from_role,
  to_role,
  allows,
  reply_window_days,
  is_default,
});

export function presentRules({ rules, delete_window_hours }: MessagingRules): MessagingRulesResponse {
  const { data, next_cursor } = presentPage(rules, presentRule, ({ from_role, to_role }) =>
    JSON.stringify([from_role, to_role]),
  );
  return { rules: data, delete_window_hours, next_cursor };
}
