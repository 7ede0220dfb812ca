import { ApiProperty } from '@nestjs/swagger';
import { type SeenPerson, type Sync, TYPING_MILLISECONDS } from '#realtime';
import { DEMO_THREADS } from '../demo/conversations.js';
import { presentOptionalTime } from '../http/responses.js';
import { SyncResponse, presentSync } from './changes.presenter.js';
import { CLOSED } from './connection.js';
import { MAX_SHOWN } from './follow.request.js';

/** Clients of a process that stops reconnect within this time, not all at once. */
const MAX_DRAIN_MILLISECONDS = 5000;

export class HelloFrame {
  @ApiProperty({ enum: ['hello'] }) type!: 'hello';
  @ApiProperty({ description: 'Where the frames begin.' }) cursor!: string;
}

/** Has all fields of SyncResponse too. */
export class SyncFrame {
  @ApiProperty({ enum: ['sync'] }) type!: 'sync';
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Counts the frames of the connection.' })
  n!: number;
}

export class DrainFrame {
  @ApiProperty({ enum: ['drain'] }) type!: 'drain';
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: MAX_DRAIN_MILLISECONDS,
    description: 'In how many milliseconds to reconnect.',
  })
  in_ms!: number;
}

export class EndFrame {
  @ApiProperty({ enum: ['end'] }) type!: 'end';
  @ApiProperty({
    enum: [CLOSED.expired[0], CLOSED.removed[0]],
    description: '4401: the token has expired. 4403: the person is no longer a member.',
  })
  code!: number;
  @ApiProperty({ example: 'token expired' }) reason!: string;
}

export class FocusFrame {
  @ApiProperty({ enum: ['focus'] }) type!: 'focus';
  @ApiProperty({
    type: [String],
    format: 'uuid',
    maxItems: MAX_SHOWN,
    description: 'The threads that the client shows.',
    example: [DEMO_THREADS.group.id],
  })
  threads!: string[];
}

export class AckFrame {
  @ApiProperty({ enum: ['ack'] }) type!: 'ack';
  @ApiProperty({ type: 'integer', description: 'The client has applied the frames up to this one.' })
  n!: number;
}

/** Of the client. */
export class TypeFrame {
  @ApiProperty({ enum: ['typing'] }) type!: 'typing';
  @ApiProperty({ format: 'uuid', description: 'The thread in which the person types.' }) thread_id!: string;
}

/** Of the server. */
export class TypingFrame extends TypeFrame {
  @ApiProperty({ format: 'uuid', description: 'Who types.' }) user_id!: string;
  @ApiProperty({ type: 'integer', description: 'For how many milliseconds to show it.', example: 6000 })
  ms!: number;
}

/** Of the client. */
export class StateFrame {
  @ApiProperty({ enum: ['presence'] }) type!: 'presence';
  @ApiProperty({ enum: ['online', 'away'] }) state!: 'online' | 'away';
}

export class PresentPerson {
  @ApiProperty({ format: 'uuid' }) user_id!: string;
  @ApiProperty({ enum: ['online', 'away', 'offline'] }) state!: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description:
      'When a person who is offline was last connected. null if that is not known, and for other states.',
  })
  last_seen_at!: string | null;
}

/** Of the server. */
export class PresenceFrame {
  @ApiProperty({ enum: ['presence'] }) type!: 'presence';
  @ApiProperty({ type: [PresentPerson] }) people!: PresentPerson[];
}

export type ServerFrame =
  HelloFrame | (SyncFrame & SyncResponse) | DrainFrame | EndFrame | FocusFrame | TypingFrame | PresenceFrame;
export type ClientFrame = FocusFrame | AckFrame | TypeFrame | StateFrame;

export const helloFrame = (cursor: string): HelloFrame => ({ type: 'hello', cursor });

export const syncFrame = (n: number, sync: Sync): SyncFrame & SyncResponse => ({
  type: 'sync',
  n,
  ...presentSync(sync),
});

/** Comes before a stop. */
export const drainFrame = (): DrainFrame => ({
  type: 'drain',
  in_ms: Math.floor(Math.random() * MAX_DRAIN_MILLISECONDS),
});

export const typingFrame = (threadId: string, userId: string): TypingFrame => ({
  type: 'typing',
  thread_id: threadId,
  user_id: userId,
  ms: TYPING_MILLISECONDS,
});

export const presenceFrame = (people: SeenPerson[]): PresenceFrame => ({
  type: 'presence',
  people: people.map(({ user_id, state, last_seen_at }) => ({
    user_id,
    state,
    last_seen_at: presentOptionalTime(last_seen_at),
  })),
});
