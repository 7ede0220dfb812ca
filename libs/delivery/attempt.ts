import { UnreadableSecret } from '#secrets';
import { LEASE_SECONDS } from './queue-claims.queries.js';
import { OutboundError, type SendOutcome } from '#outbound';

/** The send must end and be recorded before the lease ends and another worker claims the delivery. */
const MAX_SEND_MILLISECONDS = (LEASE_SECONDS - 10) * 1000;

/** Aborts the send before the lease ends. A stop of the worker does not count as a failure of the receiver. */
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
