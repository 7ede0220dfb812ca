import * as fc from 'fast-check';
import { CHANNELS, DAYS, type PreferenceDocument, type QuietHours, valuesOf } from '#preferences';

/** Documents as people might have written them, thinly filled, so that every level has its turn to speak. */

const channels = fc.record(
  Object.fromEntries(CHANNELS.map((channel) => [channel, fc.constantFrom(...valuesOf(channel))])),
  { requiredKeys: [] },
);

const time = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map(
    (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
  );

export const quietWindows: fc.Arbitrary<QuietHours['windows']> = fc.array(
  fc
    .record({
      days: fc.subarray([...DAYS], { minLength: 1 }),
      from: time,
      to: fc.oneof({ weight: 9, arbitrary: time }, { weight: 1, arbitrary: fc.constant('24:00') }),
    })
    .filter(({ from, to }) => from !== to),
  { maxLength: 3 },
);

export const TYPES = ['MESSAGE', 'BILLING'];

export const documents = (timeZones: string[]): fc.Arbitrary<PreferenceDocument> =>
  fc.record(
    {
      channels,
      types: fc.record(Object.fromEntries(TYPES.map((type) => [type, channels])), { requiredKeys: [] }),
      quiet_hours: fc.record({ time_zone: fc.constantFrom(...timeZones), windows: quietWindows }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<PreferenceDocument>;
