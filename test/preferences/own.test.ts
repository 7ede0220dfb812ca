import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { NIGHTS, type, useOwnPreferences } from './own-preferences.js';

const api = useApi({ worker: 'off' });
const own = useOwnPreferences(api);

describe('a person’s preferences', () => {
  it('are empty at first, and the defaults of every type apply', async () => {
    await own.admin.put('admin/notification-types/LAB_RESULT', type({ email: 'daily' }));
    const { status, body } = await own.asAnn.get('preferences');
    expect(status).toBe(200);
    expect(body.explicit).toEqual({ global: {}, organization: {} });
    expect(Object.keys(body.effective)).toEqual([
      'APPOINTMENT',
      'MESSAGE',
      'SYSTEM',
      'BILLING',
      'LAB_RESULT',
    ]);
    expect(body.effective.LAB_RESULT).toEqual({
      in_app: { value: 'off', source: 'type', locked: false },
      realtime: { value: 'off', source: 'type', locked: false },
      email: { value: 'daily', source: 'type', locked: false },
      web_push: { value: 'off', source: 'type', locked: false },
      webhook: { value: 'off', source: 'type', locked: false },
    });
  });

  it('store the given choices, and nothing else', async () => {
    const answer = await own.patch({
      channels: { email: 'off' },
      types: { BILLING: { email: 'on' } },
      quiet_hours: NIGHTS,
      paused_until: '2026-12-24T12:00:00+01:00',
    });
    expect(answer.status).toBe(200);
    expect(answer.body.explicit).toEqual({
      global: {},
      organization: {
        channels: { email: 'off' },
        types: { BILLING: { email: 'on' } },
        quiet_hours: NIGHTS,
        paused_until: '2026-12-24T11:00:00.000Z',
      },
    });
    expect(answer.body).toEqual((await own.asAnn.get('preferences')).body);
    expect(await own.effective('MESSAGE', 'email')).toEqual({
      value: 'off',
      source: 'person.organization',
      locked: false,
    });
    expect(await own.effective('BILLING', 'email')).toMatchObject({ value: 'on' });
  });

  it('are separate from those of a colleague', async () => {
    const asBob = await api.as(await api.build.member({ organization: own.organization }));
    await own.patch({ channels: { email: 'off' } });
    expect((await asBob.get('preferences')).body.explicit).toEqual({ global: {}, organization: {} });
    expect(await own.effective('MESSAGE', 'email', asBob)).toMatchObject({ source: 'type' });
    await asBob.patch('preferences', { channels: { email: 'on' } });
    expect(await own.explicit()).toMatchObject({ organization: { channels: { email: 'off' } } });
  });

  it('apply to this organization by default, and override the global ones here', async () => {
    await own.patch({ types: { MESSAGE: { email: 'off' } }, channels: { web_push: 'off' } }, 'global');
    await own.asAnn.patch('preferences', { channels: { email: 'daily' } });
    expect(await own.explicit()).toEqual({
      global: { types: { MESSAGE: { email: 'off' } }, channels: { web_push: 'off' } },
      organization: { channels: { email: 'daily' } },
    });
    expect(await own.effective('MESSAGE', 'email')).toMatchObject({
      value: 'daily',
      source: 'person.organization',
    });
    expect(await own.effective('MESSAGE', 'web_push')).toMatchObject({
      value: 'off',
      source: 'person.global',
    });
    expect((await own.patch({}, 'everywhere')).body).toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'scope' }],
    });
  });

  it('can be changed by a service on behalf of the person', async () => {
    const service = await api.build.service(own.organization, ['act_as']);
    const onBehalf = service.with({ 'X-On-Behalf-Of': own.ann.username });
    expect((await onBehalf.patch('preferences', { channels: { email: 'off' } })).status).toBe(200);
    expect(await own.explicit()).toMatchObject({ organization: { channels: { email: 'off' } } });
  });

  it('keep all choices of concurrent patches', async () => {
    const channels = ['in_app', 'realtime', 'email', 'web_push', 'webhook'];
    const answers = await Promise.all(
      ['organization', 'global'].flatMap((scope) =>
        channels.map((channel) => own.patch({ channels: { [channel]: 'off' } }, scope)),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const all = { channels: Object.fromEntries(channels.map((channel) => [channel, 'off'])) };
    expect(await own.explicit()).toEqual({ global: all, organization: all });
  });
});
