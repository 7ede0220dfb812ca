import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { useMailServer } from './mail-server.js';
import {
  type Mailing,
  POLLING,
  deliveries,
  mailing,
  expectDeliveryCount,
  expectStatuses,
  notify,
} from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const ALL_WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const FAR = '2099-01-01T00:00:00.000Z';
const PAUSED = { paused_until: FAR };

const clockIn = (hours: number): string =>
  `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 13)}:00`;

/** Quiet hours that have begun, and end in so many hours. */
const quietFor = (hours: number) => ({
  quiet_hours: {
    time_zone: 'UTC',
    windows: [{ days: ALL_WEEK, from: clockIn(-1), to: clockIn(hours) }],
  },
});

/** null of what waits no more. */
const dueOf = async (mail: Mailing) =>
  (await deliveries(mail)).map(({ status, due_at }) => (status === 'waiting' ? due_at : null));

/** Told of something that waits, until a time. */
async function delayed(mail: Mailing, until?: string): Promise<void> {
  await notify(mail);
  await expectDeliveryCount(mail, 1);
  const [waiting] = await deliveries(mail);
  expect(waiting).toMatchObject({ status: 'waiting', attempts: 0, ...(until && { due_at: until }) });
  expect(Date.parse(waiting!.due_at)).toBeGreaterThan(Date.now() + 60_000);
}

describe('a delayed delivery', () => {
  it('is sent as soon as the person ends the pause', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', PAUSED);
    await delayed(mail, FAR);
    await mail.asAnn.patch('preferences', { paused_until: null });
    await expectStatuses(mail, 'sent');
  });

  it('is sent in each organization as soon as the person ends a pause in all of them', async () => {
    const mail = await mailing(api);
    const there = await mailing(api, { id: mail.ann.id });
    await mail.asAnn.patch('preferences?scope=global', PAUSED);
    await delayed(mail, FAR);
    await delayed(there, FAR);
    await mail.asAnn.patch('preferences?scope=global', { paused_until: null });
    await expectStatuses(mail, 'sent');
    await expectStatuses(there, 'sent');
  });

  it('waits until the new end if the pause is shortened', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', PAUSED);
    await delayed(mail, FAR);
    await mail.asAnn.patch('preferences', { paused_until: '2098-01-01T00:00:00Z' });
    await expect.poll(() => dueOf(mail), POLLING).toEqual(['2098-01-01T00:00:00.000Z']);
  });

  it('is sent as soon as the person removes the quiet hours', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', quietFor(3));
    await delayed(mail);
    await mail.asAnn.patch('preferences', { quiet_hours: null });
    await expectStatuses(mail, 'sent');
  });

  it('is sent as soon as the organization removes its quiet hours, except to people with a pause', async () => {
    const mail = await mailing(api);
    const email = `paused-${mail.ann.email}`;
    const paused = { ...(await api.build.member({ organization: mail.organization, email })), email };
    await mail.admin.patch('admin/preferences', quietFor(3));
    await delayed(mail);
    const asPaused = await api.as(paused);
    await asPaused.patch('preferences', PAUSED);
    await notify({ ...mail, ann: paused, asAnn: asPaused });
    await expectDeliveryCount(mail, 2);
    await mail.admin.patch('admin/preferences', { quiet_hours: null });
    await expectStatuses(mail, 'sent', 'waiting');
    expect(await dueOf(mail)).toEqual([null, FAR]);
    await asPaused.patch('preferences', { paused_until: null });
    await expectStatuses(mail, 'sent', 'sent');
  });

  it('keeps waiting if another reason to wait is left', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', { ...PAUSED, ...quietFor(3) });
    await delayed(mail);
    await mail.asAnn.patch('preferences', { paused_until: null });
    await expect
      .poll(async () => Date.parse((await dueOf(mail))[0]!), POLLING)
      .toBeLessThan(Date.now() + 4 * 3_600_000);
    expect(await deliveries(mail)).toMatchObject([{ status: 'waiting' }]);
  });

  it('is sent with the next digest, not at once, if it belongs to a digest', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', { ...PAUSED, types: { BILLING: { email: 'hourly' } } });
    await delayed(mail);
    await mail.asAnn.patch('preferences', { paused_until: null });
    await expect
      .poll(async () => Date.parse((await dueOf(mail))[0]!), POLLING)
      .toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect(await deliveries(mail)).toMatchObject([
      { status: 'waiting', due_at: expect.stringMatching(/:00:00\.000Z$/) },
    ]);
  });

  it('is rescheduled with all others in an organization with more people than one part', async () => {
    const mail = await mailing(api);
    await mail.admin.patch('admin/preferences', quietFor(3));
    await delayed(mail);
    await addPeople(mail, 1200);
    await mail.admin.patch('admin/preferences', { quiet_hours: null });
    const waiting = () =>
      api.database.query(
        `SELECT FROM deliveries WHERE organization_id = $1 AND status = 'waiting' AND due_at > now() LIMIT 1`,
        [mail.organization.id],
      );
    await expect.poll(waiting, POLLING).toEqual([]);
  });
});

/** Each with what waits for Ann. */
const addPeople = ({ organization, ann }: Mailing, count: number) =>
  api.database.query(
    `WITH person AS (SELECT gen_random_uuid() AS id, number FROM generate_series(1, $3::integer) AS number),
       added AS (INSERT INTO users (id) SELECT id FROM person),
       joined AS (
         INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
         SELECT $1, id, 'p' || number || $2, 'p' || number || $2, 'P', 'user' FROM person)
     INSERT INTO deliveries (organization_id, id, notification_id, user_id, channel, target_id, due_at)
     SELECT $1, gen_random_uuid(), notification_id, person.id, 'email', person.id, due_at
     FROM deliveries CROSS JOIN person WHERE deliveries.organization_id = $1 AND deliveries.user_id = $2::uuid`,
    [organization.id, ann.id, count],
  );
