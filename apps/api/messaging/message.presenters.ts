import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '#database';
import type { Conversation, History, Inbox, MessageView, Sent, Version } from '#messaging';
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
import { ListResponse, decodeCursor, encodeCursor, presentPage } from '../http/list.js';

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

  @ApiProperty({ type: 'integer', description: 'The position in the thread: 1, 2, 3 …', example: 2 })
  seq!: number;

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
  seq: message.seq,
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

export abstract class MessagePageResponse extends ListResponse {
  @ApiProperty({ type: [MessageResponse], description: 'Oldest first. The first page has the newest.' })
  messages!: MessageResponse[];
}

export const presentHistory = ({ messages, next }: History): MessagePageResponse => ({
  messages: messages.map(presentMessage),
  next_cursor: next === null ? null : encodeCursor(String(next)),
});

export class ConversationResponse extends MessagePageResponse {
  @ApiProperty({ enum: [2], example: 2, description: 'The caller and the other person.' })
  participant_count!: 2;
}

export const presentConversation = (history: History): ConversationResponse => ({
  ...presentHistory(history),
  participant_count: 2,
});

export class InboxEntryResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.direct.id }) thread_id!: string;

  @ApiProperty({ ...optionalText, description: 'The username of the other person.', example: theo.username })
  with_user!: string | null;

  @ApiProperty({ format: 'uuid', example: theo.id }) with_user_id!: string;

  @ApiProperty({ ...optionalText, example: DEMO_MESSAGES.toRead.content })
  last_message!: string | null;

  @ApiProperty(optionalTime) last_message_time!: string | null;
  @ApiProperty({ type: 'integer', example: 2 }) unread_count!: number;
  @ApiProperty({ example: true }) is_latest_from_them!: boolean;
}

export class InboxResponse {
  @ApiProperty({ type: [InboxEntryResponse] }) conversations!: InboxEntryResponse[];
  @ApiProperty({ type: 'integer', description: 'The unread messages of all conversations.', example: 2 })
  total_unread!: number;
  @ApiProperty({ type: 'integer', example: 1 }) page!: number;
  @ApiProperty({ type: 'integer', example: 20 }) page_size!: number;
  @ApiProperty({ type: 'integer', example: 1 }) total_conversations!: number;
}

const presentInboxEntry = (entry: Conversation): InboxEntryResponse => ({
  thread_id: entry.thread_id,
  with_user: entry.with_user,
  with_user_id: entry.with_user_id,
  last_message: entry.last_message,
  last_message_time: presentOptionalTime(entry.last_message_time),
  unread_count: entry.unread_count,
  is_latest_from_them: entry.is_latest_from_them,
});

export const presentInbox = (inbox: Inbox, page: number, pageSize: number): InboxResponse => ({
  conversations: inbox.conversations.map(presentInboxEntry),
  total_unread: inbox.total_unread,
  page,
  page_size: pageSize,
  total_conversations: inbox.total_conversations,
});

export class UnreadResponse {
  @ApiProperty({ type: 'integer', description: 'The number of unread messages.', example: 3 })
  unread_count!: number;
  @ApiProperty({ type: 'integer', description: 'The number of threads with unread messages.', example: 2 })
  unread_threads!: number;
}

export class ReadMessageResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_MESSAGES.toRead.id }) message_id!: string;
  @ApiProperty({ enum: [true], example: true }) is_read!: true;
  @ApiProperty({
    ...optionalTime,
    description: 'When it was first read, or null if that is no longer known.',
  })
  read_at!: string | null;
}

export class VersionResponse {
  @ApiProperty({ type: 'integer', example: 1 }) version!: number;
  @ApiProperty({ example: DEMO_MESSAGES.edited.content }) content!: string;
  @ApiProperty({ ...time, description: 'When this version was written.' }) written_at!: string;
}

export class VersionListResponse extends ListResponse {
  @ApiProperty({ type: [VersionResponse], description: 'The earlier versions, oldest first.' })
  data!: VersionResponse[];
}

const presentVersion = ({ version, content, written_at }: Version): VersionResponse => ({
  version,
  content,
  written_at: presentTime(written_at),
});

/** The version in a cursor, or 0 for the first page. */
export const versionOf = (cursor: string | undefined): number =>
  Number(decodeCursor(cursor, (text) => /^[1-9]\d{0,8}$/.test(text)) ?? 0);

export const presentVersions = (page: Page<Version>): VersionListResponse =>
  presentPage(page, presentVersion, ({ version }) => String(version));
