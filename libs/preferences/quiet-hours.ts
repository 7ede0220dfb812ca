import { DAY, MINUTE, MINUTES_A_WEEK, clockChange, minuteOfWeek } from './clock.js';
import { DAYS, type QuietHours, type QuietWindow } from './document.js';

/** A part of the week, in minutes since Monday at midnight. */
interface Interval {
  start: number;
  length: number;
}

const MINUTES_A_DAY = MINUTES_A_WEEK / 7;

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function spansOf(windows: QuietWindow[]): Interval[] {
  return windows.flatMap(({ days, from, to }) => {
    const length = (minuteOf(to) - minuteOf(from) + MINUTES_A_DAY) % MINUTES_A_DAY || MINUTES_A_DAY;
    return days.map((day) => ({ start: DAYS.indexOf(day) * MINUTES_A_DAY + minuteOf(from), length }));
  });
}

/** For how many minutes the windows with this minute continue. 0 if there are none. */
const minutesLeft = (spans: Interval[], minute: number): number =>
  Math.max(0, ...spans.map(({ start, length }) => length - sinceStart(start, minute)));

const sinceStart = (start: number, minute: number): number =>
  (minute - start + MINUTES_A_WEEK) % MINUTES_A_WEEK;

/** The only free time of a week may be skipped by a clock change. */
const MAX_SEARCH_MILLISECONDS = 21 * DAY;

/**
 * Returns when quiet hours end, or null if it is not quiet: the first moment at which local time is outside all
 * windows. So if clocks go back over the end of a window, it is quiet again. Adjacent windows join.
 */
export function quietUntil({ time_zone, windows }: QuietHours, at: Date): Date | null {
  const spans = spansOf(windows);
  const latest = at.getTime() + MAX_SEARCH_MILLISECONDS;
  let moment = at.getTime();
  for (;;) {
    const left = minutesLeft(spans, minuteOfWeek(time_zone, moment));
    if (left === 0 || moment > latest) break;
    const end = (Math.floor(moment / MINUTE) + left) * MINUTE;
    moment = clockChange(time_zone, moment, end) ?? end;
  }
  return moment > at.getTime() ? new Date(moment) : null;
}

export function isAlwaysQuiet(windows: QuietWindow[]): boolean {
  const until = quietUntil({ time_zone: 'UTC', windows }, new Date(0));
  return until !== null && until.getTime() > 7 * DAY;
}
