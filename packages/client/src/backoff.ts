import { onWake } from './wake.js';

const FIRST_MILLISECONDS = 1000;
const MAX_MILLISECONDS = 30_000;

/** How long to wait before the next attempt: random up to 1 s, 2 s, 4 s … 30 s, so that clients do not return all at once. */
export const backoff = (attempt: number): number =>
  Math.random() * Math.min(MAX_MILLISECONDS, FIRST_MILLISECONDS * 2 ** attempt);

/** What the server asked for, and a random part. */
export const retryAfterDelay = (seconds: number): number => 1000 * (seconds + Math.random());

/** Waits. Rejects with the reason of the signal if it is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Waits, but no longer than until the browser is online again or the page visible again. */
export async function sleepUntilWake(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const timer = new AbortController();
  const end = () => timer.abort();
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end);
  const stop = onWake(end);
  try {
    await sleep(milliseconds, timer.signal);
  } catch {
    if (signal?.aborted) throw signal.reason;
  } finally {
    stop();
    signal?.removeEventListener('abort', end);
  }
}
