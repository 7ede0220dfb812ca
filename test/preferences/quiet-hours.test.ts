import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Choices,
  DAYS,
  type PreferenceDocument,
  type QuietHours,
  delayAt,
  nextDigest,
} from '#preferences';
import { quietWindows } from './arbitraries.js';
import { firstMinute, isWithin, wallClock } from './wall-clock.js';

const DAY = 24 * 60 * 60_000;

/** Nights on which clocks are put forward, and back; on Lord Howe Island by half an hour. */
const CHANGES: [string, string][] = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Australia/Lord_Howe', '2026-04-05'],
];

const choices = (person: PreferenceDocument, given: Partial<Choices> = {}): Choices => ({
  organization: {},
  person: { organization: person, global: {} },
  time_zone: null,
  ...given,
});

const every = (from: string, to: string): QuietHours['windows'] => [{ days: [...DAYS], from, to }];
const untilAt = (quiet_hours: QuietHours, at: string) =>
  delayAt(choices({ quiet_hours }), new Date(at))?.until.toISOString() ?? null;

describe('quiet hours', () => {
  it.each(CHANGES)(
    'in %s around %s end when the local clock first shows a free minute',
    (time_zone, date) => {
      const change = Date.parse(date);
      const start = new Date(change - 3 * DAY);
      const clock = wallClock(time_zone, start, 14);
      const moment = fc
        .integer({ min: -36 * 3600, max: 36 * 3600 })
        .map((seconds) => new Date(change + seconds * 1000));
      fc.assert(
        fc.property(quietWindows, moment, (some, at) => {
          const isQuiet = (time: number) => isWithin({ windows: some }, clock(time));
          const expected = isQuiet(at.getTime())
            ? firstMinute(at, start.getTime() + 14 * DAY, (time) => !isQuiet(time))
            : at;
          fc.pre(expected !== null);
          const delay = delayAt(choices({ quiet_hours: { time_zone, windows: some } }), at);
          expect(delay?.until ?? at).toEqual(expected);
        }),
        { numRuns: 500 },
      );
    },
  );

  it('end an hour sooner if clocks go forward in the night, and later if they go back', () => {
    const nights = { time_zone: 'Europe/Berlin', windows: every('22:00', '07:00') };
    expect(untilAt(nights, '2026-03-27T22:30:00Z')).toBe('2026-03-28T06:00:00.000Z');
    expect(untilAt(nights, '2026-03-28T22:30:00Z')).toBe('2026-03-29T05:00:00.000Z');
    expect(untilAt(nights, '2026-10-24T21:30:00Z')).toBe('2026-10-25T06:00:00.000Z');
  });

  it('end if clocks go forward over their end', () => {
    const hours = { time_zone: 'America/New_York', windows: every('23:00', '02:30') };
    expect(untilAt(hours, '2026-03-08T06:00:00Z')).toBe('2026-03-08T07:00:00.000Z');
  });

  it('repeat if clocks go back over their end', () => {
    const hours = { time_zone: 'Australia/Lord_Howe', windows: every('23:00', '01:45') };
    expect(untilAt(hours, '2026-04-04T14:30:00Z')).toBe('2026-04-04T14:45:00.000Z');
    expect(untilAt(hours, '2026-04-04T14:50:00Z')).toBe(null);
    expect(untilAt(hours, '2026-04-04T15:05:00Z')).toBe('2026-04-04T15:15:00.000Z');
  });

  it('belong to the day on which they begin, and adjacent windows join', () => {
    const windows = [
      { days: ['fri' as const], from: '18:00', to: '24:00' },
      { days: ['sat' as const, 'sun' as const], from: '00:00', to: '24:00' },
      { days: ['sun' as const], from: '22:00', to: '08:00' },
    ];
    const weekend = { time_zone: 'UTC', windows };
    expect(untilAt(weekend, '2026-11-20T17:59:59.999Z')).toBe(null);
    expect(untilAt(weekend, '2026-11-20T18:00:00Z')).toBe('2026-11-23T08:00:00.000Z');
    expect(untilAt(weekend, '2026-11-23T07:59:59.999Z')).toBe('2026-11-23T08:00:00.000Z');
    expect(untilAt(weekend, '2026-11-23T23:00:00Z')).toBe(null);
  });

  it('are those of the person here, else global, else of the organization, and an empty list counts', () => {
    const at = new Date('2026-11-20T12:00:00Z');
    const until = (to: string) => ({ quiet_hours: { time_zone: 'UTC', windows: every('00:00', to) } });
    const [here, everywhere, organization] = [until('13:00'), until('14:00'), until('15:00')];
    const none = { quiet_hours: { time_zone: 'UTC', windows: [] } };
    const ruleOf = (one: PreferenceDocument, other: PreferenceDocument) =>
      delayAt({ organization, person: { organization: one, global: other }, time_zone: null }, at)?.rule;
    expect(ruleOf(here, everywhere)).toBe('person.organization.quiet_hours');
    expect(ruleOf({}, everywhere)).toBe('person.global.quiet_hours');
    expect(ruleOf({}, {})).toBe('organization.quiet_hours');
    expect(ruleOf(none, everywhere)).toBe(undefined);
  });
});

describe('a pause', () => {
  const at = new Date('2026-11-20T12:00:00Z');
  const delay = (here: string | undefined, everywhere: string | undefined, given: PreferenceDocument = {}) =>
    delayAt(
      choices(
        {},
        { person: { organization: { paused_until: here, ...given }, global: { paused_until: everywhere } } },
      ),
      at,
    );

  it('lasts until the later end of both scopes, and a past one has no effect', () => {
    const [past, soon, later] = ['2026-11-19T12:00:00Z', '2026-11-21T12:00:00Z', '2026-11-22T12:00:00Z'];
    const organization = (until: string) => ({
      until: new Date(until),
      rule: 'person.organization.paused_until',
    });
    const global = (until: string) => ({ until: new Date(until), rule: 'person.global.paused_until' });
    expect(delay(soon, undefined)).toEqual(organization(soon));
    expect(delay(undefined, soon)).toEqual(global(soon));
    expect(delay(later, soon)).toEqual(organization(later));
    expect(delay(soon, later)).toEqual(global(later));
    expect(delay(soon, soon)).toEqual(organization(soon));
    expect(delay(past, soon)).toEqual(global(soon));
    expect(delay(past, past)).toBe(null);
    expect(delay(at.toISOString(), undefined)).toBe(null);
  });

  it('ends with the quiet hours if it ends within them', () => {
    const quiet_hours = { time_zone: 'UTC', windows: every('22:00', '07:00') };
    expect(delay('2026-11-21T03:00:00Z', undefined, { quiet_hours })).toEqual({
      until: new Date('2026-11-21T07:00:00Z'),
      rule: 'person.organization.paused_until',
    });
  });
});

describe('the next digest', () => {
  const next = (digest: 'hourly' | 'daily', after: string, given: Partial<Choices> = {}, hour?: number) =>
    nextDigest(digest, choices({}, given), new Date(after), hour).toISOString();

  it('is due at the next full hour if it is hourly', () => {
    expect(next('hourly', '2026-11-20T12:00:00Z')).toBe('2026-11-20T13:00:00.000Z');
    expect(next('hourly', '2026-11-20T12:59:59.999Z')).toBe('2026-11-20T13:00:00.000Z');
  });

  it('is due at eight in the time zone of the person, else the organization, else UTC', () => {
    const quiet_hours = { time_zone: 'America/New_York', windows: [] };
    const [tokyo, york] = [{ time_zone: 'Asia/Tokyo' }, { organization: { quiet_hours } }];
    expect(next('daily', '2026-11-20T12:00:00Z')).toBe('2026-11-21T08:00:00.000Z');
    expect(next('daily', '2026-11-20T07:59:59Z')).toBe('2026-11-20T08:00:00.000Z');
    expect(next('daily', '2026-11-20T08:00:00Z')).toBe('2026-11-21T08:00:00.000Z');
    expect(next('daily', '2026-11-20T12:00:00Z', york)).toBe('2026-11-20T13:00:00.000Z');
    expect(next('daily', '2026-11-20T12:00:00Z', { ...york, ...tokyo })).toBe('2026-11-20T23:00:00.000Z');
  });

  it.each(CHANGES)('is due when the clock in %s shows eight, also around %s', (time_zone, date) => {
    const change = Date.parse(date);
    const clock = wallClock(time_zone, new Date(change - 3 * DAY), 8);
    const moment = fc.integer({ min: -36 * 3600, max: 36 * 3600 });
    fc.assert(
      fc.property(moment, (seconds) => {
        const after = new Date(change + seconds * 1000);
        const shown = firstMinute(after, change + 5 * DAY, (time) => clock(time).minute === 8 * 60);
        expect(nextDigest('daily', choices({}, { time_zone }), after)).toEqual(shown);
      }),
      { numRuns: 500 },
    );
  });

  it('is due once a day, even at an hour that the clock skips or repeats', () => {
    const berlin = { time_zone: 'Europe/Berlin' };
    const lordHowe = { time_zone: 'Australia/Lord_Howe' };
    expect(next('daily', '2026-03-28T12:00:00Z', berlin, 2)).toBe('2026-03-29T01:00:00.000Z');
    expect(next('daily', '2026-03-29T01:00:00Z', berlin, 2)).toBe('2026-03-30T00:00:00.000Z');
    expect(next('daily', '2026-10-24T12:00:00Z', berlin, 2)).toBe('2026-10-25T00:00:00.000Z');
    expect(next('daily', '2026-10-25T00:00:00Z', berlin, 2)).toBe('2026-10-26T01:00:00.000Z');
    expect(next('daily', '2026-10-03T12:00:00Z', lordHowe, 2)).toBe('2026-10-03T15:30:00.000Z');
  });
});
