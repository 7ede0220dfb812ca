import { isId } from '#identity';
import { MAX_SHOWN } from './follow.request.js';
import type { ClientFrame } from './frames.js';

type Parser = (frame: Record<string, unknown>) => ClientFrame | undefined;

const PARSERS = new Map<unknown, Parser>([
  ['ack', ({ n }) => (Number.isSafeInteger(n) ? { type: 'ack', n: n as number } : undefined)],
  [
    'focus',
    ({ threads }) =>
      Array.isArray(threads) && threads.length <= MAX_SHOWN && threads.every(isIdText)
        ? { type: 'focus', threads: threads.map((id) => id.toLowerCase()) }
        : undefined,
  ],
  [
    'typing',
    ({ thread_id }) =>
      isIdText(thread_id) ? { type: 'typing', thread_id: thread_id.toLowerCase() } : undefined,
  ],
  [
    'presence',
    ({ state }) => (state === 'online' || state === 'away' ? { type: 'presence', state } : undefined),
  ],
]);

const isIdText = (value: unknown): value is string => typeof value === 'string' && isId(value);

/** undefined if it is no frame of the protocol. */
export function parseClientFrame(text: string): ClientFrame | undefined {
  try {
    const frame = JSON.parse(text) as Record<string, unknown>;
    return PARSERS.get(frame['type'])?.(frame);
  } catch {
    return undefined;
  }
}
