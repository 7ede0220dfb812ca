import { ApiProperty } from '@nestjs/swagger';
import type { Sync } from '#realtime';
import { DEMO_THREADS } from '../demo/conversations.js';
import { MessageResponse, presentMessage } from '../messaging/message.presenters.js';
import {
  ReadMarkResponse,
  ThreadResponse,
  presentMark,
  presentThread,
} from '../messaging/thread.presenters.js';
import { NotificationResponse, presentNotification } from '../notifications/notification.presenters.js';

export class MessagePlaceResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.group.id }) thread_id!: string;
  @ApiProperty({ type: 'integer', example: 3 }) seq!: number;
}

export class ThreadMarksResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.group.id }) thread_id!: string;
  @ApiProperty({ type: [ReadMarkResponse] }) read_marks!: ReadMarkResponse[];
}

export class CountsResponse {
  @ApiProperty({ type: 'integer', example: 2, description: 'Unread messages.' }) messages!: number;
  @ApiProperty({ type: 'integer', example: 3, description: 'Unread notifications.' }) notifications!: number;
  @ApiProperty({
    type: Object,
    additionalProperties: { type: 'integer' },
    description: 'Unread notifications by type.',
    example: { MESSAGE: 3 },
  })
  notifications_by_type!: Record<string, number>;
}

export class SyncResponse {
  @ApiProperty({ description: 'Where the next request continues.' }) cursor!: string;

  @ApiProperty({ description: 'Whether the client must load everything again. Then all lists are empty.' })
  reset!: boolean;

  @ApiProperty({ type: [ThreadResponse], description: 'The threads that changed.' })
  threads!: ThreadResponse[];

  @ApiProperty({
    type: [String],
    description: 'The ids of threads that the caller no longer sees.',
    example: [],
  })
  gone_threads!: string[];

  @ApiProperty({
    type: [MessageResponse],
    description: 'The messages that were sent or changed, in the threads that the client shows.',
  })
  messages!: MessageResponse[];

  @ApiProperty({
    type: [MessagePlaceResponse],
    description: 'The messages that the caller no longer sees, in the threads that the client shows.',
    example: [],
  })
  gone_messages!: MessagePlaceResponse[];

  @ApiProperty({
    type: [String],
    description:
      'The threads that the caller has joined or left, of those that the client shows: load their messages again.',
    example: [],
  })
  reset_threads!: string[];

  @ApiProperty({
    type: [ThreadMarksResponse],
    description:
      'The threads whose read marks changed, of those that the client shows, each with all its read marks.',
  })
  marks!: ThreadMarksResponse[];

  @ApiProperty({ type: [NotificationResponse], description: 'New and changed notifications.' })
  notifications!: NotificationResponse[];

  @ApiProperty({
    type: [String],
    description: 'The ids of notifications that the caller no longer sees.',
    example: [],
  })
  gone_notifications!: string[];

  @ApiProperty({ description: 'Whether there are too many new notifications: load the feed again.' })
  reset_notifications!: boolean;

  @ApiProperty({ type: CountsResponse, nullable: true, description: 'null if nothing changed.' })
  counts!: CountsResponse | null;

  @ApiProperty({ description: 'Whether preferences changed: load them again.' })
  preferences_changed!: boolean;
}

export const presentSync = (sync: Sync): SyncResponse => ({
  cursor: sync.cursor,
  reset: sync.reset,
  threads: sync.threads.map(presentThread),
  gone_threads: sync.goneThreads,
  messages: sync.messages.map(presentMessage),
  gone_messages: sync.goneMessages,
  reset_threads: sync.resetThreads,
  marks: sync.marks.map(({ threadId, marks }) => ({
    thread_id: threadId,
    read_marks: marks.map(presentMark),
  })),
  notifications: sync.notifications.map(presentNotification),
  gone_notifications: sync.goneNotifications,
  reset_notifications: sync.resetNotifications,
  counts: sync.counts && {
    messages: sync.counts.messages,
    notifications: sync.counts.notifications.unread_count,
    notifications_by_type: sync.counts.notifications.by_type,
  },
  preferences_changed: sync.preferencesChanged,
});
