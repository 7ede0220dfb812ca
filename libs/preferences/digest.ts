import type { Digest } from './channels.js';
import { DAY, HOUR, momentOf, offsetAt } from './clock.js';
import type { Choices } from './sources.js';

/** The hour of the day in the person's time zone. */
const DAILY_HOUR = 8;

/** The time zone of the person, or of the organization. */
export type WhoseClock = Pick<Choices, 'time_zone' | 'organization'>;

/** When the next digest is due: at the full hour, or once a day at an hour of local time. */
export function nextDigest(digest: Digest, choices: WhoseClock, after: Date, hour = DAILY_HOUR): Date {
  const moment = after.getTime();
  if (digest === 'hourly') return new Date((Math.floor(moment / HOUR) + 1) * HOUR);
  const timeZone = choices.time_zone ?? choices.organization.quiet_hours?.time_zone ?? 'UTC';
  const today = Math.floor((moment + offsetAt(timeZone, moment)) / DAY) * DAY;
  const todays = momentOf(timeZone, today + hour * HOUR);
  return new Date(todays > moment ? todays : momentOf(timeZone, today + DAY + hour * HOUR));
}
