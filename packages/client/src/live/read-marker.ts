import { sleep } from '../backoff.js';
import { isTemporary } from '../errors.js';
import { waitAfter } from '../http.js';
import type { Message } from '../types.js';
import { isAttended, whenHeld } from '../wake.js';

/** A message is read once it was in view for so long. */
const READ_MILLISECONDS = 1000;
/** Between two requests for a thread. */
const PAUSE_MILLISECONDS = 1000;

export interface ReadMarkerOptions {
  markRead: (threadId: string, upTo: Message) => Promise<void>;
  lastRead: (threadId: string) => number | undefined;
  signal?: AbortSignal;
}

/** Returns a function that marks a thread as read up to a message, unless what it returns is called within a second. */
export function readMarker({ markRead, lastRead, signal }: ReadMarkerOptions) {
  /** The newest message that was seen in each thread of which a request is in flight, or was a moment ago. */
  const seen = new Map<string, Message>();

  const mark = async (threadId: string): Promise<void> => {
    for (let marked = 0, attempt = 0; ;) {
      const upTo = seen.get(threadId)!;
      if (upTo.seq <= Math.max(marked, lastRead(threadId) ?? 0)) break;
      try {
        await markRead(threadId, upTo);
        marked = upTo.seq;
        await sleep(PAUSE_MILLISECONDS, signal);
      } catch (error) {
        if (signal?.aborted || !isTemporary(error)) break;
        await waitAfter(error, attempt++, signal).catch(() => undefined);
      }
    }
    seen.delete(threadId);
  };

  return (message: Message): (() => void) => {
    const stop = whenHeld(isAttended, READ_MILLISECONDS, () => {
      stop();
      const { thread_id: threadId, seq } = message;
      const newest = seen.get(threadId);
      if (!newest || newest.seq < seq) seen.set(threadId, message);
      if (!newest) void mark(threadId);
    });
    return stop;
  };
}
