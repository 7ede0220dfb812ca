import { UnreadableSecret } from '#secrets';
import { LEASE_SECONDS } from './queue-claims.queries.js';
import { OutboundError, type SendOutcome } from '#outbound';

/** What is sent must be answered, and that recorded, before the lease ends and another worker claims it. */
const MAX_SEND_MILLISECONDS = (LEASE_SECONDS - 10) * 1000;

/** Never longer than the claim holds. A stop of the worker is no failure of the other side. */
export async function attempt(
  send: (signal: AbortSignal) => Promise<SendOutcome>,
  stopping: AbortSignal,
): Promise<SendOutcome> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(MAX_SEND_MILLISECONDS)]);
  try {
    return await send(signal);
  } catch (error) {
    stopping.throwIfAborted();
    const isKnown = error instanceof OutboundError || error instanceof UnreadableSecret;
    return { status: 'retry', error: isKnown ? error.message : String(error) };
  }
}
