import { type SeenPerson, TYPING_MILLISECONDS } from '#realtime';
import { presentOptionalTime } from '../http/responses.js';

export const typingFrame = (threadId: string, userId: string) => ({
  type: 'typing',
  thread_id: threadId,
  user_id: userId,
  ms: TYPING_MILLISECONDS,
});

export const presenceFrame = (people: SeenPerson[]) => ({
  type: 'presence',
  people: people.map(({ user_id, state, last_seen_at }) => ({
    user_id,
    state,
    last_seen_at: presentOptionalTime(last_seen_at),
  })),
});
