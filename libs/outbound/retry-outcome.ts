import type { SendOutcome } from './outbound-delivery.js';
import type { HttpResponse } from './outbound-http.js';

export const TOO_MANY_REQUESTS = 429;

/** A retry after this response. Its Retry-After counts for 429, and for others that the channel says. */
export const retryOutcome = (
  { status, retryAfterSeconds }: HttpResponse,
  error: string,
  usesRetryAfter: boolean,
): SendOutcome => ({
  status: 'retry',
  error,
  ...((status === TOO_MANY_REQUESTS || usesRetryAfter) && { afterSeconds: retryAfterSeconds }),
});
