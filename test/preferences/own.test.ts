import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let admin: Client;
let ann: TestMember;
let asAnn: Client;

beforeEach(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
  ann = await api.build.member({ organization });
  asAnn = await api.as(ann);
});

const patch = (body: object, scope = 'organization') => asAnn.patch(`preferences?scope=${scope}`, body);
const explicit = async () => (await asAnn.get('preferences')).body.explicit as Record<string, object>;
const effective = async (type: string, channel: string, client = asAnn) =>
  (await client.get('preferences')).body.effective[type][channel] as object;
const type = (channels: object, given: object = {}) => ({ default_channels: channels, ...given });

const ALL_WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const NIGHTS = { time_zone: 'Europe/Berlin', windows: [{ days: ALL_WEEK, from: '22:00', to: '07:00' }] };

describe('my preferences', () => {
  it('are empty at first, and every type of the organization holds as it comes', async () => {
    await admin.put('admin/notification-types/LAB_RESULT', type({ email: 'daily' }));
    const { status, body } = await asAnn.get('preferences');
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

  it('keep what I choose, and nothing else', async () => {
    const answer = await patch({
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
    expect(answer.body).toEqual((await asAnn.get('preferences')).body);
    expect(await effective('MESSAGE', 'email')).toEqual({
      value: 'off',
      source: 'person.organization',
      locked: false,
    });
    expect(await effective('BILLING', 'email')).toMatchObject({ value: 'on' });
  });

  it('are mine: a colleague sees and changes their own', async () => {
    const asBob = await api.as(await api.build.member({ organization }));
    await patch({ channels: { email: 'off' } });
    expect((await asBob.get('preferences')).body.explicit).toEqual({ global: {}, organization: {} });
    expect(await effective('MESSAGE', 'email', asBob)).toMatchObject({ source: 'type' });
    await asBob.patch('preferences', { channels: { email: 'on' } });
    expect(await explicit()).toMatchObject({ organization: { channels: { email: 'off' } } });
  });

  it('are for this organization unless I say global, and what is said for this one wins here', async () => {
    await patch({ types: { MESSAGE: { email: 'off' } }, channels: { web_push: 'off' } }, 'global');
    await asAnn.patch('preferences', { channels: { email: 'daily' } });
    expect(await explicit()).toEqual({
      global: { types: { MESSAGE: { email: 'off' } }, channels: { web_push: 'off' } },
      organization: { channels: { email: 'daily' } },
    });
    expect(await effective('MESSAGE', 'email')).toMatchObject({
      value: 'daily',
      source: 'person.organization',
    });
    expect(await effective('MESSAGE', 'web_push')).toMatchObject({ value: 'off', source: 'person.global' });
    expect((await patch({}, 'everywhere')).body).toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'scope' }],
    });
  });

  it('can be changed by a service on my behalf', async () => {
    const service = await api.build.service(organization, ['act_as']);
    const onBehalf = service.with({ 'X-On-Behalf-Of': ann.username });
    expect((await onBehalf.patch('preferences', { channels: { email: 'off' } })).status).toBe(200);
    expect(await explicit()).toMatchObject({ organization: { channels: { email: 'off' } } });
  });

  it('keep every choice that is made at the same time', async () => {
    const channels = ['in_app', 'realtime', 'email', 'web_push', 'webhook'];
    const answers = await Promise.all(
      ['organization', 'global'].flatMap((scope) =>
        channels.map((channel) => patch({ channels: { [channel]: 'off' } }, scope)),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const all = { channels: Object.fromEntries(channels.map((channel) => [channel, 'off'])) };
    expect(await explicit()).toEqual({ global: all, organization: all });
  });
});

describe('a merge patch', () => {
  beforeEach(async () => {
    await patch({ channels: { email: 'off', in_app: 'on' }, types: { MESSAGE: { email: 'daily' } } });
    await patch({ quiet_hours: NIGHTS, paused_until: '2026-12-24T11:00:00Z' });
  });

  it.each([
    ['nothing, and changes nothing', {}, {}],
    [
      'one choice beside the others',
      { channels: { web_push: 'off' } },
      {
        channels: { email: 'off', in_app: 'on', web_push: 'off' },
      },
    ],
    ['another value', { channels: { email: 'hourly' } }, { channels: { email: 'hourly', in_app: 'on' } }],
    [
      'null, which goes back to what is inherited',
      { channels: { email: null } },
      { channels: { in_app: 'on' } },
    ],
    [
      'null for the last of a map, which goes with it',
      { types: { MESSAGE: { email: null } } },
      { types: undefined },
    ],
    ['null for a type', { types: { MESSAGE: null } }, { types: undefined }],
    ['null for what is not there', { channels: { webhook: null }, types: { SYSTEM: null } }, {}],
    ['an empty map, which chooses nothing', { channels: {}, types: { SYSTEM: {} } }, {}],
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
      'other windows, instead of those',
      { quiet_hours: { windows: [] } },
      { quiet_hours: { ...NIGHTS, windows: [] } },
    ],
    ['null for quiet hours', { quiet_hours: null }, { quiet_hours: undefined }],
  ])('takes %s', async (_what, change, expected) => {
    const { organization: before } = await explicit();
    const answer = await patch(change);
    expect(answer.status).toBe(200);
    expect(answer.body.explicit.organization).toEqual(JSON.parse(JSON.stringify({ ...before, ...expected })));
  });
});

describe('what is not for me to choose', () => {
  it('is what the organization has locked: 409 that names each cell', async () => {
    await admin.patch('admin/preferences', {
      channels: { web_push: 'off' },
      types: { BILLING: { email: 'on', in_app: 'on' } },
      locked: ['types.BILLING.email', 'channels.web_push'],
    });
    const refused = await patch({
      channels: { web_push: 'on', email: 'off' },
      types: { BILLING: { email: 'off', in_app: 'off' }, MESSAGE: { web_push: 'on' } },
    });
    expect(refused).toMatchObject({ status: 409, body: { code: 'preference_locked' } });
    expect(refused.body.errors).toEqual([
      { field: 'channels.web_push', message: 'is locked by your organization: channels.web_push' },
      { field: 'types.BILLING.email', message: 'is locked by your organization: types.BILLING.email' },
      { field: 'types.MESSAGE.web_push', message: 'is locked by your organization: channels.web_push' },
    ]);
    expect(await explicit()).toEqual({ global: {}, organization: {} });
    expect(await effective('BILLING', 'email')).toEqual({
      value: 'on',
      source: 'organization',
      locked: true,
    });
    expect(await effective('MESSAGE', 'web_push')).toEqual({
      value: 'off',
      source: 'organization',
      locked: true,
    });
    expect((await patch({ types: { BILLING: { in_app: 'off' } } })).status).toBe(200);
  });

  it('is what is mandatory for a type', async () => {
    await admin.put(
      'admin/notification-types/BILLING',
      type({ email: 'on' }, { mandatory_channels: ['email'] }),
    );
    expect(await patch({ types: { BILLING: { email: 'off' } } })).toMatchObject({
      status: 409,
      body: {
        code: 'preference_locked',
        errors: [{ field: 'types.BILLING.email', message: 'is mandatory for this type' }],
      },
    });
    expect((await patch({ channels: { email: 'off' } })).status).toBe(200);
    expect(await effective('BILLING', 'email')).toEqual({ value: 'on', source: 'type', locked: true });
    expect(await effective('APPOINTMENT', 'email')).toMatchObject({ value: 'off', locked: false });
  });

  it('can be taken back where it was chosen before, and holds again once it is free', async () => {
    await patch({ types: { MESSAGE: { email: 'off' }, BILLING: { email: 'off' } } });
    const lock = { types: { MESSAGE: { email: 'on' } }, locked: ['types.MESSAGE.email'] };
    await admin.patch('admin/preferences', lock);
    expect(await effective('MESSAGE', 'email')).toEqual({
      value: 'on',
      source: 'organization',
      locked: true,
    });
    expect((await patch({ types: { BILLING: { email: null } } })).status).toBe(200);
    await admin.patch('admin/preferences', { locked: null });
    expect(await effective('MESSAGE', 'email')).toMatchObject({
      value: 'off',
      source: 'person.organization',
    });
    await admin.patch('admin/preferences', lock);
    expect((await patch({ types: { MESSAGE: { email: null } } })).status).toBe(200);
    expect(await explicit()).toEqual({ global: {}, organization: {} });
  });

  it('can still be chosen for all organizations, and has no effect in this one', async () => {
    await admin.patch('admin/preferences', { channels: { email: 'on' }, locked: ['channels.email'] });
    const answer = await patch({ channels: { email: 'off' } }, 'global');
    expect(answer).toMatchObject({
      status: 200,
      body: { explicit: { global: { channels: { email: 'off' } } } },
    });
    expect(await effective('MESSAGE', 'email')).toEqual({
      value: 'on',
      source: 'organization',
      locked: true,
    });
  });
});
