import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let admin: Client;
let asAnn: Client;

beforeEach(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
  asAnn = await api.as(await api.build.member({ organization }));
});

const ALL_WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const nights = (time_zone: string) => ({
  quiet_hours: { time_zone, windows: [{ days: ALL_WEEK, from: '22:00', to: '07:00' }] },
});
const evaluate = (question: object = {}) =>
  asAnn.post('preferences/evaluate', { type: 'MESSAGE', at: '2026-11-20T12:00:00Z', ...question });
const decided = async (question: object = {}) =>
  (await evaluate(question)).body.channels as Record<string, Record<string, unknown>>;

describe('POST /preferences/evaluate', () => {
  it('takes null as omitted', async () => {
    const { status, body } = await evaluate({ priority: null, at: null });
    expect(status).toBe(200);
    expect(body.priority).toBe('normal');
    expect(Math.abs(Date.parse(body.at as string) - Date.now())).toBeLessThan(60_000);
  });

  it('returns the decision and the deciding rule for each channel', async () => {
    await admin.put('admin/notification-types/MESSAGE', {
      default_channels: { in_app: 'on', realtime: 'on', email: 'on', webhook: 'on' },
      mandatory_channels: ['in_app'],
    });
    await admin.patch('admin/preferences', {
      channels: { webhook: 'off' },
      types: { MESSAGE: { web_push: 'on' } },
      locked: ['channels.webhook'],
    });
    await asAnn.patch('preferences', { types: { MESSAGE: { email: 'daily' } } });
    const answer = await evaluate({ priority: 'normal' });
    const now = { delayed_until: null, delayed_by: null };
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      type: 'MESSAGE',
      priority: 'normal',
      at: '2026-11-20T12:00:00.000Z',
      channels: {
        in_app: { value: 'on', source: 'type', locked: true, rule: 'mandatory', ...now },
        realtime: { value: 'on', source: 'type', locked: false, rule: 'type.default', ...now },
        email: {
          value: 'daily',
          source: 'person.organization',
          locked: false,
          rule: 'person.organization.types.MESSAGE.email',
          ...now,
        },
        web_push: {
          value: 'on',
          source: 'organization',
          locked: false,
          rule: 'organization.types.MESSAGE.web_push',
          ...now,
        },
        webhook: {
          value: 'off',
          source: 'organization',
          locked: true,
          rule: 'organization.locked.channels.webhook',
          ...now,
        },
      },
    });
  });

  it('returns the delay of interrupting channels, unless they are urgent or off', async () => {
    await asAnn.patch('preferences?scope=global', { ...nights('Europe/Berlin'), channels: { email: 'off' } });
    const at = '2026-11-20T23:00:00Z';
    const waits = { delayed_until: '2026-11-21T06:00:00.000Z', delayed_by: 'person.global.quiet_hours' };
    const comes = { delayed_until: null, delayed_by: null };
    const expected = { in_app: comes, realtime: waits, email: comes, web_push: waits, webhook: comes };
    expect(await decided({ at })).toMatchObject(expected);
    for (const channel of Object.values(await decided({ at, priority: 'urgent' }))) {
      expect(channel).toMatchObject(comes);
    }
    await asAnn.patch('preferences', { paused_until: '2026-11-21T22:00:00Z' });
    expect(await decided({ at })).toMatchObject({
      realtime: { delayed_until: '2026-11-22T06:00:00.000Z', delayed_by: 'person.organization.paused_until' },
    });
  });

  it('applies the quiet hours of the organization to people without their own', async () => {
    await admin.patch('admin/preferences', nights('America/New_York'));
    const at = '2026-03-08T06:30:00Z';
    expect(await decided({ at })).toMatchObject({
      realtime: { delayed_until: '2026-03-08T11:00:00.000Z', delayed_by: 'organization.quiet_hours' },
    });
    await asAnn.patch('preferences', { quiet_hours: { time_zone: 'UTC', windows: [] } });
    expect(await decided({ at })).toMatchObject({ realtime: { delayed_until: null } });
  });

  it('defaults to now and normal priority, and stores nothing', async () => {
    const before = Date.now();
    const { body } = await asAnn.post('preferences/evaluate', { type: 'BILLING' });
    expect(body.priority).toBe('normal');
    expect(Date.parse(body.at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(body.at)).toBeLessThanOrEqual(Date.now());
    const kept = 'SELECT FROM member_preferences WHERE organization_id = $1';
    expect(await api.database.query(kept, [organization.id])).toEqual([]);
  });

  it('repeats the response for one Idempotency-Key, whatever has changed', async () => {
    const once = asAnn.with({ 'Idempotency-Key': 'one' });
    const question = { type: 'MESSAGE', at: '2026-11-20T12:00:00Z' };
    const first = await once.post('preferences/evaluate', question);
    await asAnn.patch('preferences', { ...nights('UTC'), channels: { email: 'off' } });
    const second = await once.post('preferences/evaluate', question);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.body).toEqual(first.body);
  });

  it.each([
    ['type', { type: 'NO_SUCH_TYPE' }],
    ['type', { type: 'message' }],
    ['type', { type: 'toString' }],
    ['type', { type: 'A'.repeat(51) }],
    ['type', { type: undefined }],
    ['type', { type: ['MESSAGE'] }],
    ['priority', { priority: 'low' }],
    ['at', { at: 'now' }],
    ['at', { at: '2026-02-30T00:00:00Z' }],
    ['user_id', { user_id: 'me' }],
  ])('refuses an invalid %s: %j', async (field, question) => {
    expect(await evaluate(question)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ field }] },
    });
  });

  it('knows types of this organization and not of others', async () => {
    await admin.put('admin/notification-types/LAB_RESULT', { default_channels: { email: 'on' } });
    expect(await decided({ type: 'LAB_RESULT' })).toMatchObject({ email: { value: 'on' } });
    const stranger = await api.as(await api.build.member());
    expect((await stranger.post('preferences/evaluate', { type: 'LAB_RESULT' })).status).toBe(400);
  });
});
