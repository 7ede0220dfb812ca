import { ApiProperty } from '@nestjs/swagger';
import type { History, ThreadMark, ThreadView } from '#messaging';
import { DEMO_MESSAGES, DEMO_PATIENT, DEMO_THREADS } from '../demo/conversations.js';
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
import { MESSAGES_DESCRIPTION, MessageResponse, presentHistory } from './message.presenters.js';

const { theo } = DEMO_PEOPLE;

export class ParticipantResponse {
  @ApiProperty({ format: 'uuid', example: theo.id }) user_id!: string;
  @ApiProperty({ example: theo.username }) username!: string;
  @ApiProperty({ example: theo.display_name }) display_name!: string;

  @ApiProperty({
    ...optionalTime,
    description: 'How far they have read. null if they have read nothing, or do not share read receipts.',
  })
  last_read_at!: string | null;
}

export class ContextResponse {
  @ApiProperty({ example: DEMO_PATIENT.type }) type!: string;
  @ApiProperty({ example: DEMO_PATIENT.id }) id!: string;
  @ApiProperty({ ...optionalText, example: DEMO_PATIENT.label }) label!: string | null;
}

export class LastMessageResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_MESSAGES.toResponse.id }) id!: string;
  @ApiProperty({ type: 'integer', description: 'The position in the thread.', example: 3 }) seq!: number;
  @ApiProperty({ ...optionalId, example: theo.id }) sender_id!: string | null;

  @ApiProperty({
    ...optionalText,
    description: 'The beginning of the text, or null if the message was deleted for everyone.',
    example: DEMO_MESSAGES.toResponse.content,
  })
  preview!: string | null;

  @ApiProperty(time) sent_at!: string;
}

export class ThreadResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_THREADS.group.id }) id!: string;
  @ApiProperty({ enum: ['direct', 'group'], example: 'group' }) kind!: 'direct' | 'group';
  @ApiProperty({ ...optionalText, example: DEMO_THREADS.group.subject }) subject!: string | null;

  @ApiProperty({ type: ContextResponse, nullable: true, description: 'What the thread is about.' })
  context!: ContextResponse | null;

  @ApiProperty({
    ...optionalText,
    description: 'The id of the context if its type is patient.',
    example: DEMO_PATIENT.id,
  })
  patient_id!: string | null;

  @ApiProperty({ type: [ParticipantResponse], description: 'The participants. In lists, the first 20.' })
  participants!: ParticipantResponse[];

  @ApiProperty({ type: 'integer', example: 3 }) participant_count!: number;

  @ApiProperty({
    type: LastMessageResponse,
    nullable: true,
    description: 'The newest message that the caller can see.',
  })
  last_message!: LastMessageResponse | null;

  @ApiProperty({
    type: 'integer',
    description:
      'The `seq` of the newest message, even if it is hidden from the caller. For former participants, of when they left. 0 if there is none.',
    example: 3,
  })
  last_seq!: number;

  @ApiProperty({
    type: 'integer',
    description:
      'The caller has read the messages up to this `seq`. 0 at first, or the newest message when the caller joined.',
    example: 1,
  })
  last_read_seq!: number;

  @ApiProperty({ type: 'integer', example: 2 }) unread_count!: number;

  @ApiProperty({ ...optionalTime, description: 'Until when the thread sends the caller no notifications.' })
  muted_until!: string | null;

  @ApiProperty({ description: 'Whether the caller has archived the thread.' }) archived!: boolean;
  @ApiProperty({ description: 'Whether the caller has left. They see the messages up to then.' })
  left!: boolean;
  @ApiProperty(time) created_at!: string;
  @ApiProperty(time) updated_at!: string;
  @ApiProperty(optionalTime) last_message_at!: string | null;
}

export const presentThread = (thread: ThreadView): ThreadResponse => ({
  id: thread.id,
  kind: thread.kind,
  subject: thread.subject,
  context: contextOf(thread),
  patient_id: thread.context_type === 'patient' ? thread.context_id : null,
  participants: (thread.participants ?? []).map(({ last_read_at, ...participant }) => ({
    ...participant,
    last_read_at: presentOptionalTime(last_read_at),
  })),
  participant_count: thread.participant_count,
  last_message: thread.last_message && {
    ...thread.last_message,
    sent_at: presentTime(thread.last_message.sent_at),
  },
  last_seq: thread.last_seq,
  last_read_seq: thread.last_read_seq,
  unread_count: thread.unread_count,
  muted_until: presentOptionalTime(thread.muted_until),
  archived: thread.archived,
  left: thread.left,
  created_at: presentTime(thread.created_at),
  updated_at: presentTime(thread.updated_at),
  last_message_at: presentOptionalTime(thread.last_message_at),
});

export const contextOf = (thread: {
  context_type: string | null;
  context_id: string | null;
  context_label: string | null;
}): ContextResponse | null =>
  thread.context_type === null
    ? null
    : { type: thread.context_type, id: thread.context_id!, label: thread.context_label };

export class ThreadListResponse extends ListResponse {
  @ApiProperty({ type: [ThreadResponse], description: 'Newest activity first.' }) data!: ThreadResponse[];
}

export class ReadMarkResponse {
  @ApiProperty({ format: 'uuid', example: theo.id }) user_id!: string;
  @ApiProperty({ type: 'integer', description: 'The last message that they have read.', example: 3 })
  seq!: number;
  @ApiProperty({
    ...optionalTime,
    description: 'When they read that message, or null if that is no longer known.',
  })
  read_at!: string | null;
}

export const presentMark = ({ user_id, seq, read_at }: ThreadMark): ReadMarkResponse => ({
  user_id,
  seq,
  read_at: presentOptionalTime(read_at),
});

export class ThreadPageResponse extends ThreadResponse {
  @ApiProperty({
    type: [ReadMarkResponse],
    description:
      'How far people have read, furthest first and at most 100: the caller, and people who share read receipts. Those who have read nothing since they joined have no mark.',
  })
  read_marks!: ReadMarkResponse[];

  @ApiProperty({ type: [MessageResponse], description: MESSAGES_DESCRIPTION })
  messages!: MessageResponse[];

  @ApiProperty({
    ...optionalText,
    description:
      'The cursor of the next page, or null on the last page. It leads to older messages, but to newer ones after `after_seq`.',
  })
  next_cursor!: string | null;
}

export const presentThreadPage = ({
  thread,
  history,
  marks,
}: {
  thread: ThreadView;
  history: History;
  marks: ThreadMark[];
}): ThreadPageResponse => ({
  ...presentThread(thread),
  read_marks: marks.map(presentMark),
  ...presentHistory(history),
});

export class ReadThreadResponse {
  @ApiProperty({ ...optionalTime, description: 'When the thread was last marked as read.' }) last_read_at!:
    string | null;
  @ApiProperty({ type: 'integer', example: 0 }) unread_count!: number;
}
