import { isDeepStrictEqual } from 'node:util';
import type { PreferenceDocument } from './document.js';
import { quietUntil } from './quiet-hours.js';
import type { Choices } from './sources.js';

export interface Delay {
  until: Date;
  /** The path of the pause or quiet hours that delay it. */
  rule: string;
}

/** An interrupting channel waits for the end of all pauses, and then of the quiet hours at that time. */
export function delayAt(choices: Choices, at: Date): Delay | null {
  const pause = pauseAt(choices, at);
  const quiet = quietAt(choices, pause?.until ?? at);
  return pause && quiet ? { until: quiet.until, rule: pause.rule } : (pause ?? quiet);
}

/** Whether a change of a document may change the due time of waiting deliveries. */
export const changesDelay = (before: PreferenceDocument, after: PreferenceDocument): boolean =>
  !isDeepStrictEqual([before.paused_until, before.quiet_hours], [after.paused_until, after.quiet_hours]);

/** The longer one of two pauses. A past pause has no effect, so an old one here cannot end a new one. */
function pauseAt({ person }: Choices, at: Date): Delay | null {
  const pauses = (['organization', 'global'] as const).map((scope) => ({
    until: new Date(person[scope].paused_until ?? 0),
    rule: `person.${scope}.paused_until`,
  }));
  const longest = pauses.reduce((one, other) => (other.until > one.until ? other : one));
  return longest.until > at ? longest : null;
}

/** A person with quiet hours of their own, even with no windows, does not get those of the organization. */
function quietAt({ person, organization }: Choices, at: Date): Delay | null {
  const sources = {
    'person.organization': person.organization,
    'person.global': person.global,
    organization,
  };
  const [source, document] = Object.entries(sources).find(([, { quiet_hours }]) => quiet_hours) ?? [];
  const until = document?.quiet_hours ? quietUntil(document.quiet_hours, at) : null;
  return until && { until, rule: `${source}.quiet_hours` };
}
