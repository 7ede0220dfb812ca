import { ApiProperty } from '@nestjs/swagger';
import type { Conversation, Inbox } from '#messaging';
import { DEMO_MESSAGES, DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { optionalText, optionalTime, presentOptionalTime } from '../http/responses.js';

const { theo } = DEMO_PEOPLE;

export class InboxEntryResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.direct.id }) thread_id!: string;

  @ApiProperty({ ...optionalText, description: 'The username of the other person.', example: theo.username })
  with_user!: string | null;

  @ApiProperty({ format: 'uuid', example: theo.id }) with_user_id!: string;

  @ApiProperty({ ...optionalText, example: DEMO_MESSAGES.toRead.content })
  last_message!: string | null;

  @ApiProperty(optionalTime) last_message_time!: string | null;
  @ApiProperty({ type: 'integer', description: 'As in the thread.', example: 3 }) last_seq!: number;
  @ApiProperty({ type: 'integer', description: 'As in the thread.', example: 1 }) last_read_seq!: number;
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
  last_seq: entry.last_seq,
  last_read_seq: entry.last_read_seq,
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
