import { DAY, MINUTE, MINUTES_A_WEEK, clockChange, minuteOfWeek } from './clock.js';
import { DAYS, type QuietHours, type QuietWindow } from './document.js';

/** A stretch of the week, in minutes since Monday at midnight. */
interface Span {
  start: number;
  length: number;
}

const MINUTES_A_DAY = MINUTES_A_WEEK / 7;

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function spansOf(windows: QuietWindow[]): Span[] {
  return windows.flatMap(({ days, from, to }) => {
    const length = (minuteOf(to) - minuteOf(from) + MINUTES_A_DAY) % MINUTES_A_DAY || MINUTES_A_DAY;
    return days.map((day) => ({ start: DAYS.indexOf(day) * MINUTES_A_DAY + minuteOf(from), length }));
  });
}

/** For how many minutes of the clock it goes on to be quiet, where one window may lead into the next. */
function minutesLeft(spans: Span[], minute: number): number {
  let left = 0;
  for (let more = -1; more !== 0 && left < MINUTES_A_WEEK; left += more) {
    more = Math.max(0, ...spans.map(({ start, length }) => length - sinceStart(start, minute + left)));
  }
  return Math.min(left, MINUTES_A_WEEK);
}

const sinceStart = (start: number, minute: number): number =>
  (minute - start + 2 * MINUTES_A_WEEK) % MINUTES_A_WEEK;

export const isAlwaysQuiet = (windows: QuietWindow[]): boolean =>
  minutesLeft(spansOf(windows), 0) === MINUTES_A_WEEK;

/** The week's only free time may be one that a clock change leaves out. */
const LONGEST = 21 * DAY;

/**
 * It is quiet while the clocks of the time zone show a time within a window: when they first do not any more, or
 * null if it is not quiet. So where clocks are put back over the end of a window, it is quiet once more.
 */
export function quietUntil({ time_zone, windows }: QuietHours, at: Date): Date | null {
  const spans = spansOf(windows);
  const latest = at.getTime() + LONGEST;
  let moment = at.getTime();
  for (;;) {
    const left = minutesLeft(spans, minuteOfWeek(time_zone, moment));
    if (left === 0 || moment > latest) break;
    const end = (Math.floor(moment / MINUTE) + left) * MINUTE;
    moment = clockChange(time_zone, moment, end) ?? end;
  }
  return moment > at.getTime() ? new Date(moment) : null;
}
