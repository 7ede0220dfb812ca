import type { SentChannel, SendOutcome } from '#outbound';
import type { DeliveryOutcome } from './outcome.queries.js';

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The backoff: the seconds between attempts. For webhooks, Standard Webhooks suggests ten attempts in three days. */
const BACKOFF_SECONDS: Record<SentChannel, number[]> = {
  webhook: [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
  ],
  email: [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR],
  web_push: [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR],
};

const MAX_RETRY_AFTER_SECONDS = 24 * HOUR;

/** Jitter: each delay is up to so much longer, so that deliveries which failed together are not retried together. */
const JITTER = 0.2;

export function outcomeAfterSend(
  outcome: SendOutcome,
  { channel, attempts }: { channel: SentChannel; attempts: number },
): DeliveryOutcome {
  if (outcome.status !== 'retry') return outcome;
  const backoff = BACKOFF_SECONDS[channel][attempts - 1];
  if (backoff === undefined) {
    return { status: 'failed', error: `${outcome.error} This was the last of ${attempts} attempts.` };
  }
  const retryAfter = Math.min(outcome.afterSeconds ?? 0, MAX_RETRY_AFTER_SECONDS);
  const seconds = Math.max(backoff, retryAfter) * (1 + Math.random() * JITTER);
  return { status: 'waiting', due: { afterSeconds: seconds }, error: outcome.error, counts: true };
}
