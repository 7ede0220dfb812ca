import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type, useOwnPreferences } from './own-preferences.js';

const api = useApi({ worker: 'off' });
const own = useOwnPreferences(api);

describe('a locked or mandatory choice', () => {
  it('is refused with a 409 that names each locked cell', async () => {
    await own.admin.patch('admin/preferences', {
      channels: { web_push: 'off' },
      types: { BILLING: { email: 'on', in_app: 'on' } },
      locked: ['types.BILLING.email', 'channels.web_push'],
    });
    const refused = await own.patch({
      channels: { web_push: 'on', email: 'off' },
      types: { BILLING: { email: 'off', in_app: 'off' }, MESSAGE: { web_push: 'on' } },
    });
    expect(refused).toMatchObject({ status: 409, body: { code: 'preference_locked' } });
    expect(refused.body.errors).toEqual([
      {
        field: 'channels.web_push',
        message: 'is locked by your organization (channels.web_push): leave it out',
      },
      {
        field: 'types.BILLING.email',
        message: 'is locked by your organization (types.BILLING.email): leave it out',
      },
      {
        field: 'types.MESSAGE.web_push',
        message: 'is locked by your organization (channels.web_push): leave it out',
      },
    ]);
    expect(await own.explicit()).toEqual({ global: {}, organization: {} });
    expect(await own.effective('BILLING', 'email')).toEqual({
      value: 'on',
      source: 'organization',
      locked: true,
    });
    expect(await own.effective('MESSAGE', 'web_push')).toEqual({
      value: 'off',
      source: 'organization',
      locked: true,
    });
    expect((await own.patch({ types: { BILLING: { in_app: 'off' } } })).status).toBe(200);
  });

  it('is refused with 409 for a channel that is mandatory for a type', async () => {
    await own.admin.put(
      'admin/notification-types/BILLING',
      type({ email: 'on' }, { mandatory_channels: ['email'] }),
    );
    expect(await own.patch({ types: { BILLING: { email: 'off' } } })).toMatchObject({
      status: 409,
      body: {
        code: 'preference_locked',
        errors: [{ field: 'types.BILLING.email', message: 'is mandatory for this type: leave it out' }],
      },
    });
    expect((await own.patch({ channels: { email: 'off' } })).status).toBe(200);
    expect(await own.effective('BILLING', 'email')).toEqual({ value: 'on', source: 'type', locked: true });
    expect(await own.effective('APPOINTMENT', 'email')).toMatchObject({ value: 'off', locked: false });
  });

  it('can be removed if it was chosen before the lock, and applies again after the lock', async () => {
    await own.patch({ types: { MESSAGE: { email: 'off' }, BILLING: { email: 'off' } } });
    const lock = { types: { MESSAGE: { email: 'on' } }, locked: ['types.MESSAGE.email'] };
    await own.admin.patch('admin/preferences', lock);
    expect(await own.effective('MESSAGE', 'email')).toEqual({
      value: 'on',
      source: 'organization',
      locked: true,
    });
    expect((await own.patch({ types: { BILLING: { email: null } } })).status).toBe(200);
    await own.admin.patch('admin/preferences', { locked: null });
    expect(await own.effective('MESSAGE', 'email')).toMatchObject({
      value: 'off',
      source: 'person.organization',
    });
    await own.admin.patch('admin/preferences', lock);
    expect((await own.patch({ types: { MESSAGE: { email: null } } })).status).toBe(200);
    expect(await own.explicit()).toEqual({ global: {}, organization: {} });
  });

  it('can still be chosen globally, without effect in this organization', async () => {
    await own.admin.patch('admin/preferences', { channels: { email: 'on' }, locked: ['channels.email'] });
    const answer = await own.patch({ channels: { email: 'off' } }, 'global');
    expect(answer).toMatchObject({
      status: 200,
      body: { explicit: { global: { channels: { email: 'off' } } } },
    });
    expect(await own.effective('MESSAGE', 'email')).toEqual({
      value: 'on',
      source: 'organization',
      locked: true,
    });
  });
});
