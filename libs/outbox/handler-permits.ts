import { CONNECTIONS_AMONG_OTHERS } from '#database';
import { FairSemaphore } from '#fairness';

/**
 * Limits how many handlers run at once, since each takes a connection that requests need too. Organizations share
 * the permits fairly, and none may hold more than half of them; while others are there, as many as it may hold connections
 * (libs/database), so that no handler holds a permit and waits.
 */
export const handlerPermits = new FairSemaphore({
  permits: 6,
  permitsPerKey: 3,
  permitsPerKeyAmongOthers: CONNECTIONS_AMONG_OTHERS,
});
