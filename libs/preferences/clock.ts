import { LRUCache } from 'lru-cache';

/** Local time in a time zone. Moments are milliseconds since 1970, as in Date. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const MINUTES_A_DAY = DAY / MINUTE;
export const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;

/** Formatting takes a microsecond, creating a formatter fifty. */
const clocks = new LRUCache<string, Intl.DateTimeFormat>({ max: 1000 });

function clockIn(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  clocks.set(timeZone, clock);
  return clock;
}

/** The offset from UTC in milliseconds. */
export function offsetAt(timeZone: string, moment: number): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(clockIn(timeZone).format(moment)) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * MINUTE);
}

/** The minute of the week in local time, from 0 on Monday at midnight. */
export function minuteOfWeek(timeZone: string, moment: number): number {
  const minutes = Math.floor((moment + offsetAt(timeZone, moment)) / MINUTE);
  // 1970 began on a Thursday.
  const sinceMonday = (minutes + 3 * MINUTES_A_DAY) % MINUTES_A_WEEK;
  return sinceMonday < 0 ? sinceMonday + MINUTES_A_WEEK : sinceMonday;
}

/** When clocks change in this time zone, after one moment and not after another. null if they do not. */
export function clockChange(timeZone: string, after: number, until: number): number | null {
  const offset = offsetAt(timeZone, after);
  if (offsetAt(timeZone, until) === offset) return null;
  let [before, changed] = [Math.floor(after / MINUTE), Math.ceil(until / MINUTE)];
  while (changed - before > 1) {
    const middle = Math.floor((before + changed) / 2);
    if (offsetAt(timeZone, middle * MINUTE) === offset) before = middle;
    else changed = middle;
  }
  return changed * MINUTE;
}

/**
 * When local clocks show this day and time, given as if it were UTC: the first time if they show it twice, and the
 * next moment if they skip it.
 */
export function momentOf(timeZone: string, shown: number): number {
  const [earlier, later] = [offsetAt(timeZone, shown - DAY), offsetAt(timeZone, shown + DAY)];
  const isShown = (moment: number) => moment + offsetAt(timeZone, moment) === shown;
  const moments = [shown - earlier, shown - later].toSorted((one, other) => one - other);
  return moments.find(isShown) ?? clockChange(timeZone, shown - DAY, shown + DAY) ?? moments[0]!;
}
