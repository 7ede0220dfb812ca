import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let admin: Client;
let asAnn: Client;
let asBob: Client;

beforeEach(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
  asAnn = await api.as(await api.build.member({ organization }));
  asBob = await api.as(await api.build.member({ organization }));
});

const effective = async (client: Client, type: string, channel: string) =>
  (await client.get('preferences')).body.effective[type]?.[channel] as object | undefined;
const audited = async (action: string) =>
  ((await admin.get('admin/audit?limit=100')).body.data as { action: string }[]).filter(
    (entry) => entry.action === action,
  );
const TYPE = {
  default_channels: { in_app: 'on', email: 'daily' },
  mandatory_channels: ['in_app'],
  aggregation_window_seconds: 60,
  retention_days: 30,
};

describe('the defaults of an organization', () => {
  it('are empty at first, are merged, and list locks', async () => {
    expect(await admin.get('admin/preferences')).toMatchObject({ status: 200, body: {} });
    const quiet_hours = { time_zone: 'Europe/Berlin', windows: [] };
    const first = { channels: { email: 'daily' }, quiet_hours, locked: ['channels.email'] };
    expect(await admin.patch('admin/preferences', first)).toMatchObject({ status: 200, body: first });
    await admin.patch('admin/preferences', { types: { SYSTEM: { email: 'off' } }, quiet_hours: null });
    expect((await admin.get('admin/preferences')).body).toEqual({
      channels: { email: 'daily' },
      types: { SYSTEM: { email: 'off' } },
      locked: ['channels.email'],
    });
  });

  it('apply at once to people without a choice of their own, and to nobody else', async () => {
    await asBob.patch('preferences', { types: { MESSAGE: { email: 'on' } } });
    for (const value of ['off', 'daily', 'off']) {
      await admin.patch('admin/preferences', { types: { MESSAGE: { email: value } } });
      expect(await effective(asAnn, 'MESSAGE', 'email')).toEqual({
        value,
        source: 'organization',
        locked: false,
      });
      expect(await effective(asBob, 'MESSAGE', 'email')).toMatchObject({ value: 'on' });
    }
    await admin.patch('admin/preferences', { types: null });
    expect(await effective(asAnn, 'MESSAGE', 'email')).toMatchObject({ value: 'hourly', source: 'type' });
    await asBob.patch('preferences', { types: null });
    expect(await effective(asBob, 'MESSAGE', 'email')).toMatchObject({ value: 'hourly', source: 'type' });
  });

  it('cannot remove a locked choice without its lock', async () => {
    await admin.patch('admin/preferences', { channels: { email: 'off' }, locked: ['channels.email'] });
    expect(await admin.patch('admin/preferences', { channels: null })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'locked.0' }] },
    });
    expect((await admin.patch('admin/preferences', { channels: null, locked: null })).body).toEqual({});
  });

  it('keep all choices of concurrent patches', async () => {
    const types = ['APPOINTMENT', 'MESSAGE', 'SYSTEM', 'BILLING'];
    await Promise.all(
      types.map((type) => admin.patch('admin/preferences', { types: { [type]: { email: 'off' } } })),
    );
    expect(Object.keys((await admin.get('admin/preferences')).body.types).toSorted()).toEqual(
      types.toSorted(),
    );
  });

  it('are audited when they change', async () => {
    const patch = { channels: { email: 'off' } };
    await admin.patch('admin/preferences', patch);
    await admin.patch('admin/preferences', { channels: { email: 'loud' } });
    expect(await audited('preferences.patch')).toMatchObject([
      { target_type: 'organization', target_id: organization.id, details: { patch } },
    ]);
  });
});

describe('a notification type', () => {
  it('can be created, changed and deleted', async () => {
    expect((await admin.get('admin/notification-types/LAB_RESULT')).status).toBe(404);
    const made = await admin.put('admin/notification-types/LAB_RESULT', TYPE);
    const off = { realtime: 'off', web_push: 'off', webhook: 'off' };
    const expected = { ...TYPE, name: 'LAB_RESULT', default_channels: { ...TYPE.default_channels, ...off } };
    expect(made).toMatchObject({ status: 201, body: { ...expected, is_default: false } });
    expect((await admin.get('admin/notification-types/LAB_RESULT')).body).toEqual(made.body);
    const changed = await admin.put('admin/notification-types/LAB_RESULT', { default_channels: {} });
    expect(changed).toMatchObject({
      status: 200,
      body: { default_channels: { email: 'off' }, mandatory_channels: [], aggregation_window_seconds: 0 },
    });
    expect((await admin.delete('admin/notification-types/LAB_RESULT')).status).toBe(204);
    expect((await admin.delete('admin/notification-types/LAB_RESULT')).status).toBe(404);
    expect((await admin.get('admin/notification-types/LAB_RESULT')).status).toBe(404);
  });

  it.each(['APPOINTMENT', 'MESSAGE', 'SYSTEM', 'BILLING'])(
    '%s is built in, can be changed for one organization, and returns to its default by DELETE',
    async (name) => {
      const path = `admin/notification-types/${name}`;
      const before = await admin.get(path);
      expect(before).toMatchObject({ status: 200, body: { name, is_default: true, mandatory_channels: [] } });
      expect((await admin.put(path, TYPE)).status).toBe(201);
      expect((await admin.get(path)).body).toMatchObject({ ...TYPE, name, is_default: false });
      expect(await effective(asAnn, name, 'in_app')).toEqual({ value: 'on', source: 'type', locked: true });
      const { admin: elsewhere } = await api.build.organizationWithAdmin();
      expect((await elsewhere.get(path)).body).toEqual(before.body);
      expect((await admin.delete(path)).status).toBe(204);
      expect((await admin.get(path)).body).toEqual(before.body);
      expect((await admin.delete(path)).status).toBe(204);
    },
  );

  it('applies at once when it changes', async () => {
    await admin.put('admin/notification-types/MESSAGE', TYPE);
    expect(await effective(asAnn, 'MESSAGE', 'email')).toMatchObject({ value: 'daily' });
    await admin.put('admin/notification-types/MESSAGE', { default_channels: { email: 'on' } });
    expect(await effective(asAnn, 'MESSAGE', 'email')).toMatchObject({ value: 'on' });
    await admin.delete('admin/notification-types/MESSAGE');
    expect(await effective(asAnn, 'MESSAGE', 'email')).toMatchObject({ value: 'hourly' });
  });

  it('keeps people’s choices if it is deleted and created again', async () => {
    await admin.put('admin/notification-types/SURVEY', TYPE);
    await asAnn.patch('preferences', { types: { SURVEY: { email: 'off' } } });
    await admin.delete('admin/notification-types/SURVEY');
    expect(await effective(asAnn, 'SURVEY', 'email')).toBe(undefined);
    expect((await asAnn.patch('preferences', { channels: { web_push: 'off' } })).status).toBe(200);
    await admin.put('admin/notification-types/SURVEY', TYPE);
    expect(await effective(asAnn, 'SURVEY', 'email')).toMatchObject({ value: 'off' });
  });

  it('has its mandatory channels on if default_channels omits them', async () => {
    const mandatory = { default_channels: { email: 'daily' }, mandatory_channels: ['email', 'in_app'] };
    const { body } = await admin.put('admin/notification-types/ALARM', mandatory);
    expect(body.default_channels).toMatchObject({ email: 'daily', in_app: 'on', realtime: 'off' });
  });

  it.each([
    ['default_channels', {}],
    ['default_channels', { default_channels: null }],
    ['default_channels', { default_channels: ['email'] }],
    ['default_channels.fax', { default_channels: { fax: 'on' } }],
    ['default_channels.email', { default_channels: { email: 'sometimes' } }],
    ['default_channels.in_app', { default_channels: { in_app: 'daily' } }],
    ['default_channels.constructor', { default_channels: { constructor: 'on' } }],
    ['mandatory_channels', { default_channels: {}, mandatory_channels: ['fax'] }],
    ['mandatory_channels', { default_channels: {}, mandatory_channels: ['email', 'email'] }],
    ['mandatory_channels', { default_channels: {}, mandatory_channels: 'email' }],
    ['mandatory_channels', { default_channels: { email: 'off' }, mandatory_channels: ['email'] }],
    ['aggregation_window_seconds', { default_channels: {}, aggregation_window_seconds: -1 }],
    ['aggregation_window_seconds', { default_channels: {}, aggregation_window_seconds: 604_801 }],
    ['aggregation_window_seconds', { default_channels: {}, aggregation_window_seconds: '60' }],
    ['retention_days', { default_channels: {}, retention_days: 0 }],
    ['retention_days', { default_channels: {}, retention_days: 3651 }],
    ['retention_days', { default_channels: {}, retention_days: 1.5 }],
    ['name', { default_channels: {}, name: 'OTHER' }],
  ])('is refused with an invalid %s: %j', async (field, body) => {
    expect(await admin.put('admin/notification-types/ODD', body)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ field }] },
    });
    expect((await admin.get('admin/notification-types/ODD')).status).toBe(404);
  });

  it.each(['small', '1ST', '_A', 'WITH SPACE', 'WITH-DASH', 'A'.repeat(51), '__proto__', 'toString'])(
    'cannot be called %s',
    async (name) => {
      const path = `admin/notification-types/${encodeURIComponent(name)}`;
      expect((await admin.put(path, TYPE)).status).toBe(404);
      expect((await admin.get(path)).status).toBe(404);
      expect((await admin.delete(path)).status).toBe(404);
    },
  );

  it('can have a name of 50 characters', async () => {
    expect((await admin.put(`admin/notification-types/${'A'.repeat(50)}`, TYPE)).status).toBe(201);
  });

  it('is limited to 200 per organization', async () => {
    await api.database.query(
      `INSERT INTO notification_types (organization_id, name, default_channels, mandatory_channels,
                                       aggregation_window_seconds, retention_days)
       SELECT $1, 'TYPE_' || number, '{}', '{}', 0, 1 FROM generate_series(1, 199) AS number`,
      [organization.id],
    );
    expect((await admin.put('admin/notification-types/TYPE_200', TYPE)).status).toBe(201);
    expect(await admin.put('admin/notification-types/TYPE_201', TYPE)).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    expect((await admin.put('admin/notification-types/TYPE_200', TYPE)).status).toBe(200);
  });

  it('is audited when it is created and deleted', async () => {
    await admin.put('admin/notification-types/SURVEY', TYPE);
    await admin.delete('admin/notification-types/SURVEY');
    await admin.delete('admin/notification-types/SURVEY');
    await admin.delete('admin/notification-types/SYSTEM');
    const target = { target_type: 'notification_type', target_id: 'SURVEY' };
    expect(await audited('notification_type.put')).toMatchObject([{ ...target, details: TYPE }]);
    expect(await audited('notification_type.delete')).toMatchObject([target]);
  });
});
