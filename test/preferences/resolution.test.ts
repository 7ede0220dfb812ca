import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNELS, type Circumstances, type Sources, resolve, valuesOf } from '#preferences';
import { TYPES, documents } from './arbitraries.js';
import { type Shown, firstMinute, isWithin, wallClock } from './wall-clock.js';

const START = new Date('2026-10-20T00:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEKS = 28;
const TIME_ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
const clocks = Object.fromEntries(TIME_ZONES.map((zone) => [zone, wallClock(zone, START, WEEKS)]));

const moment = fc
  .integer({ min: 0, max: 8 * 24 * 60 })
  .map((minutes) => new Date(START.getTime() + minutes * MINUTE));
const late = moment.map((date) => new Date(date.getTime() + 17_000));

const locks = fc.subarray(
  CHANNELS.flatMap((channel) => [`channels.${channel}`, ...TYPES.map((type) => `types.${type}.${channel}`)]),
);

const document = documents(TIME_ZONES);
const personDocument = fc
  .tuple(document, fc.option(moment, { nil: undefined }))
  .map(([chosen, pause]) => (pause ? { ...chosen, paused_until: pause.toISOString() } : chosen));

const sources = fc.record({
  type: fc.record({
    name: fc.constantFrom(...TYPES),
    default_channels: fc.record(
      Object.fromEntries(CHANNELS.map((channel) => [channel, fc.constantFrom(...valuesOf(channel))])),
    ),
    mandatory_channels: fc.subarray([...CHANNELS], { maxLength: 2 }),
    aggregation_window_seconds: fc.constant(0),
    retention_days: fc.constant(90),
  }),
  organization: fc.tuple(document, locks).map(([chosen, locked]) => ({ ...chosen, locked })),
  person: fc.record({ organization: personDocument, global: personDocument }),
  time_zone: fc.constant(null),
}) as fc.Arbitrary<Sources>;

const circumstances = fc.record({
  at: late,
  priority: fc.constantFrom('normal', 'urgent'),
  mutedUntil: fc.option(moment),
}) as fc.Arbitrary<Required<Circumstances>>;

interface Claim {
  rank: number;
  value: string;
  source: string;
  locked: boolean;
  rule: string;
}

/** Every statement that anybody makes about the channel, with its place in the order; whoever comes first is right. */
function claims({ type, organization, person }: Sources, channel: string, muted: boolean): Claim[] {
  const all: Claim[] = [];
  const flat = (tree: object, path = ''): [string, unknown][] =>
    Object.entries(tree).flatMap(([name, value]) =>
      typeof value === 'object' ? flat(value as object, `${path}${name}.`) : [[`${path}${name}`, value]],
    );
  const paths = [`types.${type.name}.${channel}`, `channels.${channel}`];
  const speak = (rank: number, source: string, tree: object, prefix: string, only?: string[]) => {
    for (const [path, value] of flat(tree)) {
      if (!paths.includes(path) || (only && !only.includes(path))) continue;
      const rule = `${prefix}.${path}`;
      all.push({
        rank: rank + paths.indexOf(path),
        value: String(value),
        source,
        locked: Boolean(only),
        rule,
      });
    }
  };
  const own = { value: (type.default_channels as Record<string, string>)[channel]!, source: 'type' };
  if ((type.mandatory_channels as string[]).includes(channel))
    all.push({ ...own, rank: 0, locked: true, rule: 'mandatory' });
  speak(1, 'organization', organization, 'organization.locked', organization.locked);
  if (muted) all.push({ rank: 3, value: 'off', source: 'thread', locked: false, rule: 'thread.muted' });
  speak(4, 'person.organization', person.organization, 'person.organization');
  speak(6, 'person.global', person.global, 'person.global');
  speak(8, 'organization', organization, 'organization');
  all.push({ ...own, rank: 10, locked: false, rule: 'type.default' });
  return all;
}

/** The first minute at which no pause holds and no clock that counts shows quiet; the same moment if it is this one. */
function freeFrom({ person, organization }: Sources, at: Date): Date | null {
  const pauses = [person.organization, person.global].map(({ paused_until }) =>
    Date.parse(paused_until ?? ''),
  );
  const hours = person.organization.quiet_hours ?? person.global.quiet_hours ?? organization.quiet_hours;
  const shown = (time: number): Shown => clocks[hours!.time_zone]!(time);
  const isFree = (time: number) =>
    pauses.every((pause) => !(pause > time)) && !(hours && isWithin(hours, shown(time)));
  if (isFree(at.getTime())) return at;
  return firstMinute(at, START.getTime() + (WEEKS - 1) * DAY, isFree);
}

describe('the decision for a channel', () => {
  it('is the first matching rule in the documented order, for 2,000 random documents', () => {
    fc.assert(
      fc.property(sources, circumstances, (tree, given) => {
        const muted = given.mutedUntil !== null && given.mutedUntil.getTime() > given.at.getTime();
        const decisions = resolve(tree, given);
        expect(Object.keys(decisions)).toEqual([...CHANNELS]);
        for (const channel of CHANNELS) {
          const [{ rank: _rank, ...first }] = claims(tree, channel, muted).toSorted(
            (one, other) => one.rank - other.rank,
          ) as [Claim];
          expect(decisions[channel], channel).toMatchObject(first);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('delays interrupting channels that are not urgent until the first minute without pause and quiet hours', () => {
    fc.assert(
      fc.property(sources, circumstances, (tree, given) => {
        const free = freeFrom(tree, given.at);
        fc.pre(free !== null);
        const waits = given.priority === 'normal' && free > given.at;
        for (const [channel, { value, delayed_until, delayed_by }] of Object.entries(resolve(tree, given))) {
          const interrupts = ['realtime', 'email', 'web_push'].includes(channel) && value !== 'off';
          expect(delayed_until, channel).toEqual(waits && interrupts ? free : null);
          expect(delayed_by === null, channel).toBe(delayed_until === null);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is off on every channel of a muted thread, until the exact end of muting', () => {
    const quiet = { organization: {}, person: { organization: {}, global: {} }, time_zone: null };
    const [type] = fc.sample(sources, { numRuns: 1, seed: 1 }).map((tree) => tree.type) as [Sources['type']];
    const values = (milliseconds: number) => {
      const given = { at: START, mutedUntil: new Date(START.getTime() + milliseconds) };
      const free = { ...quiet, type: { ...type, mandatory_channels: [] } };
      return Object.values(resolve(free, given)).map(({ source }) => source);
    };
    expect(new Set(values(1))).toEqual(new Set(['thread']));
    expect(new Set(values(0))).toEqual(new Set(['type']));
  });

  it('depends only on its arguments, and does not change them', () => {
    fc.assert(
      fc.property(sources, circumstances, (tree, given) => {
        const before = structuredClone(tree);
        expect(resolve(tree, given)).toEqual(resolve(structuredClone(tree), given));
        expect(tree).toEqual(before);
      }),
    );
  });
});
