import { FairSemaphore } from '#fairness';

/**
 * Limits how many handlers run at once, since each takes a connection that requests need too. Organizations share
 * the permits fairly, and none may hold more than half of them: as many as it may hold connections while others are
 * there (libs/database). A handler that holds a permit must not wait for another.
 */
export const handlerPermits = new FairSemaphore({ permits: 6, permitsPerKey: 3 });
