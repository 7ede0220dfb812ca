import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { NIGHTS, useOwnPreferences } from './own-preferences.js';

const api = useApi({ worker: 'off' });
const own = useOwnPreferences(api);

describe('a merge patch of preferences', () => {
  beforeEach(async () => {
    await own.patch({ channels: { email: 'off', in_app: 'on' }, types: { MESSAGE: { email: 'daily' } } });
    await own.patch({ quiet_hours: NIGHTS, paused_until: '2026-12-24T11:00:00Z' });
  });

  it.each([
    ['an empty patch, and changes nothing', {}, {}],
    [
      'another choice, and keeps the others',
      { channels: { web_push: 'off' } },
      {
        channels: { email: 'off', in_app: 'on', web_push: 'off' },
      },
    ],
    [
      'another value of a choice',
      { channels: { email: 'hourly' } },
      { channels: { email: 'hourly', in_app: 'on' } },
    ],
    [
      'null, and returns to the inherited value',
      { channels: { email: null } },
      { channels: { in_app: 'on' } },
    ],
    [
      'null for the last choice of a map, and removes the map',
      { types: { MESSAGE: { email: null } } },
      { types: undefined },
    ],
    ['null for a type', { types: { MESSAGE: null } }, { types: undefined }],
    ['null for a missing choice', { channels: { webhook: null }, types: { SYSTEM: null } }, {}],
    ['an empty map, and changes nothing', { channels: {}, types: { SYSTEM: {} } }, {}],
    [
      'null for a whole part',
      { channels: null, paused_until: null },
      { channels: undefined, paused_until: undefined },
    ],
    [
      'another time zone',
      { quiet_hours: { time_zone: 'UTC' } },
      { quiet_hours: { ...NIGHTS, time_zone: 'UTC' } },
    ],
    [
      'other windows, which replace the old ones',
      { quiet_hours: { windows: [] } },
      { quiet_hours: { ...NIGHTS, windows: [] } },
    ],
    ['null for quiet hours', { quiet_hours: null }, { quiet_hours: undefined }],
  ])('takes %s', async (_what, change, expected) => {
    const { organization: before } = await own.explicit();
    const answer = await own.patch(change);
    expect(answer.status).toBe(200);
    expect(answer.body.explicit.organization).toEqual(JSON.parse(JSON.stringify({ ...before, ...expected })));
  });
});
