import { isId } from '#identity';
import { DEMO_THREADS } from '../demo/conversations.js';
import { CheckedTextField, TextField } from '../http/fields.js';

/** How many threads a client shows at most. */
export const MAX_SHOWN = 20;

export class FollowRequest {
  @TextField({
    description: 'The cursor of the last response, or the Tidings-Cursor of what the client has loaded.',
    maxLength: 1500,
    optional: true,
  })
  cursor?: string;

  @CheckedTextField(
    {
      description: `The threads that the client shows, at most ${MAX_SHOWN}, with commas between them: the response has their messages too.`,
      maxLength: 37 * MAX_SHOWN,
      example: DEMO_THREADS.group.id,
      optional: true,
    },
    `a list of at most ${MAX_SHOWN} ids, with commas between them`,
    (text) => text.split(',').length <= MAX_SHOWN && text.split(',').every(isId),
  )
  threads?: string;
}

export const shownThreads = (threads?: string): string[] => threads?.toLowerCase().split(',') ?? [];
