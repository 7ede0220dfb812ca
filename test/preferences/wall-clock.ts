import type { QuietHours } from '#preferences';

const MINUTE = 60_000;

/** What a clock on the wall shows: nothing but what Intl writes, minute by minute. */
export interface Shown {
  day: string;
  minute: number;
}

/** Looked up rather than asked, since the oracles ask for every minute of weeks. */
export function wallClock(timeZone: string, from: Date, days: number): (moment: number) => Shown {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const first = Math.floor(from.getTime() / MINUTE);
  const shown = Array.from({ length: days * 24 * 60 }, (_none, index): Shown => {
    const parts = Object.fromEntries(
      clock.formatToParts((first + index) * MINUTE).map(({ type, value }) => [type, value]),
    );
    return {
      day: parts['weekday']!.toLowerCase(),
      minute: Number(parts['hour']) * 60 + Number(parts['minute']),
    };
  });
  return (moment) => {
    const found = shown[Math.floor(moment / MINUTE) - first];
    if (!found) throw new RangeError('Beyond what was looked up');
    return found;
  };
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const minuteOf = (time: string) => Number(time.split(':')[0]) * 60 + Number(time.split(':')[1]);
const dayBefore = (day: string) => DAYS[(DAYS.indexOf(day) + 6) % 7]!;

/** Whether a clock that shows this shows a time within a window. */
export const isWithin = ({ windows }: Pick<QuietHours, 'windows'>, { day, minute }: Shown): boolean =>
  windows.some((window) => {
    const [days, from, to] = [window.days as string[], minuteOf(window.from), minuteOf(window.to)];
    if (from < to) return days.includes(day) && minute >= from && minute < to;
    return (days.includes(day) && minute >= from) || (days.includes(dayBefore(day)) && minute < to);
  });

/** The first moment, from the next full minute on, for which it holds; null if that is beyond the last. */
export function firstMinute(after: Date, latest: number, holds: (moment: number) => boolean): Date | null {
  for (let moment = (Math.floor(after.getTime() / MINUTE) + 1) * MINUTE; moment < latest; moment += MINUTE) {
    if (holds(moment)) return new Date(moment);
  }
  return null;
}
