import { setTimeout as delay } from 'node:timers/promises';

/** A scrape waits at most this long for the database, and then returns the other metrics. */
const SCRAPE_TIMEOUT_MILLISECONDS = 2000;

/** undefined if the figures cannot be read, or not in time. */
export const inTimeForScrape = <T>(figures: Promise<T>): Promise<T | undefined> =>
  Promise.race([
    figures.catch(() => undefined),
    delay(SCRAPE_TIMEOUT_MILLISECONDS, undefined, { ref: false }),
  ]);
