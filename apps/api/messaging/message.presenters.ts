import { ApiProperty } from '@nestjs/swagger';
import type { History, MessageView, Sent } from '#messaging';
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
import { ListResponse } from '../http/list.js';
import { historyCursorOf } from './history.input.js';

const { ada, theo } = DEMO_PEOPLE;

export class ReceiptResponse {
  @ApiProperty({ format: 'uuid', example: ada.id }) user_id!: string;
  @ApiProperty({
    ...optionalTime,
    description: 'When they read the message, or null if that is no longer known.',
  })
  read_at!: string | null;
}

export class MessageResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_MESSAGES.toRead.id }) id!: string;
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.direct.id }) thread_id!: string;

  @ApiProperty({
    ...optionalText,
    description:
      'The token that the sender gave the message, only for the sender: null for everybody else, and for a message without one.',
    example: null,
  })
  client_token!: string | null;

  @ApiProperty({ type: 'integer', description: 'The position in the thread: 1, 2, 3 …', example: 2 })
  seq!: number;

  @ApiProperty({
    type: 'integer',
    description:
      'Of two copies of the message, the one with the higher number is newer. It starts at 1 and increases with each edit, with the deletion for everyone, and when the sender is deleted; not with read receipts. Former participants get that of the text that they see, or at least 1,000,000,000 if it is no longer kept.',
    example: 1,
  })
  rev!: number;

  @ApiProperty({
    ...optionalId,
    description: 'The sender, or null if the person was deleted.',
    example: theo.id,
  })
  sender_id!: string | null;

  @ApiProperty({ ...optionalText, description: "The sender's username.", example: theo.username })
  sender!: string | null;

  @ApiProperty({
    ...optionalText,
    description: "The recipient's username, in a direct thread.",
    example: ada.username,
  })
  recipient!: string | null;

  @ApiProperty({ ...optionalText, example: 'Tuesday' }) subject!: string | null;

  @ApiProperty({
    ...optionalText,
    description:
      'The text, or null if the message was deleted for everyone. A former participant gets the text of when they left, or null if it is no longer kept.',
    example: DEMO_MESSAGES.toRead.content,
  })
  content!: string | null;

  @ApiProperty({ ...optionalId, description: 'The message that this one replies to.', example: null })
  reply_to_id!: string | null;

  @ApiProperty({
    description:
      'For the sender: whether all others have read it. For a recipient: whether they have read it.',
  })
  is_read!: boolean;

  @ApiProperty({ ...optionalTime, description: 'When it was read.' }) read_at!: string | null;
  @ApiProperty({ ...time, description: 'When it was sent.' }) sent_at!: string;
  @ApiProperty({ ...optionalTime, description: 'When it was last edited.' }) edited_at!: string | null;

  @ApiProperty({
    type: [ReceiptResponse],
    description:
      'Who has read it, without people who do not share read receipts. Empty in threads of more than 50 people.',
  })
  receipts!: ReceiptResponse[];
}

export const presentMessage = (message: MessageView): MessageResponse => ({
  id: message.id,
  thread_id: message.thread_id,
  client_token: message.client_token,
  seq: message.seq,
  rev: message.rev,
  sender_id: message.sender_id,
  sender: message.sender,
  recipient: message.recipient,
  subject: message.deleted_at ? null : message.subject,
  content: message.deleted_at ? null : message.content,
  reply_to_id: message.reply_to_id,
  is_read: message.is_read,
  read_at: presentOptionalTime(message.read_at),
  sent_at: presentTime(message.created_at),
  edited_at: presentOptionalTime(message.edited_at),
  receipts: message.receipts.map(({ user_id, read_at }) => ({
    user_id,
    read_at: presentOptionalTime(read_at),
  })),
});

export class SentResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_MESSAGES.toRead.id }) message_id!: string;
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.direct.id }) thread_id!: string;
  @ApiProperty(time) sent_at!: string;
  @ApiProperty({ enum: ['sent'], description: 'The message is stored.' })
  status!: 'sent';
}

export const presentSent = ({ message }: Sent): SentResponse => ({
  message_id: message.id,
  thread_id: message.thread_id,
  sent_at: presentTime(message.created_at),
  status: 'sent',
});

export const MESSAGES_DESCRIPTION =
  'Oldest first. Without `after_seq` and `around_seq`, the first page has the newest.';

export abstract class MessagePageResponse extends ListResponse {
  @ApiProperty({ type: [MessageResponse], description: MESSAGES_DESCRIPTION })
  messages!: MessageResponse[];
}

export const presentHistory = ({ messages, next }: History): MessagePageResponse => ({
  messages: messages.map(presentMessage),
  next_cursor: historyCursorOf(next),
});

export class ConversationResponse extends MessagePageResponse {
  @ApiProperty({ enum: [2], example: 2, description: 'The caller and the other person.' })
  participant_count!: 2;
}

export const presentConversation = (history: History): ConversationResponse => ({
  ...presentHistory(history),
  participant_count: 2,
});

export class ReadMessageResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_MESSAGES.toRead.id }) message_id!: string;
  @ApiProperty({ enum: [true], example: true }) is_read!: true;
  @ApiProperty({
    ...optionalTime,
    description: 'When it was first read, or null if that is no longer known.',
  })
  read_at!: string | null;
}
