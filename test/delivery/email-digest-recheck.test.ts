import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { person, send } from '../support/people.js';
import { useMailServer } from './mail-server.js';
import {
  HOURLY_DIGESTS,
  type Mailing,
  POLLING,
  makeDue,
  deliveries,
  digestMailing,
  mailing,
  expectDeliveryCount,
  expectStatuses,
  notify,
} from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const mailsOf = ({ ann }: Mailing) => server.of(ann.email);

describe('a digest when it becomes due', () => {
  it('leaves out what was read, retracted or turned off, and what comes from a blocked person', async () => {
    const mail = await mailing(api);
    const ann = { ...mail.ann, client: mail.asAnn };
    const bob = await person(api, mail.organization);
    const eve = await person(api, mail.organization);
    await mail.asAnn.patch('preferences', HOURLY_DIGESTS);
    const { thread_id } = await send(bob, ann, 'read in its thread');
    await expectDeliveryCount(mail, 1);
    await mail.asAnn.post(`messages/threads/${thread_id}/read`);
    await send(eve, ann, 'from somebody who is blocked');
    await expectDeliveryCount(mail, 2);
    const read = await notify(mail, { title: 'Read' });
    const { body } = await mail.service.post('notifications', {
      to: { users: [ann.id] },
      type: 'BILLING',
      title: 'Taken back',
      body: 'x',
    });
    await notify(mail, { type: 'SYSTEM', title: 'Turned off' });
    await notify(mail, { title: 'Left' });
    await expectDeliveryCount(mail, 6);
    await mail.asAnn.patch(`notifications/${read}`, { status: 'read' });
    await mail.service.delete(`notifications/requests/${body.id}`);
    await mail.asAnn.post(`messages/users/${eve.id}/block`);
    await mail.asAnn.patch('preferences', { types: { SYSTEM: { email: 'off' } } });
    await expect
      .poll(
        () =>
          api.database.query(
            `SELECT FROM notifications WHERE user_id = $1 AND read_at IS NULL AND deleted_at IS NULL`,
            [ann.id],
          ),
        POLLING,
      )
      .toHaveLength(3);
    await makeDue(api, mail);
    await expectStatuses(mail, 'cancelled', 'cancelled', 'cancelled', 'cancelled', 'cancelled', 'sent');
    expect(mailsOf(mail).map(({ subject }) => subject)).toEqual(['Left']);
  });

  it('is not sent if nothing is left of it', async () => {
    const mail = await digestMailing(api);
    await notify(mail);
    await notify(mail);
    await expectDeliveryCount(mail, 2);
    await mail.asAnn.post('notifications/read-all');
    await makeDue(api, mail);
    await expectStatuses(mail, 'cancelled', 'cancelled');
    expect(mailsOf(mail)).toEqual([]);
  });

  it('waits as a whole for a pause, which does not count as an attempt', async () => {
    const mail = await digestMailing(api);
    await notify(mail);
    await notify(mail, { type: 'SYSTEM' });
    await expectDeliveryCount(mail, 2);
    await mail.asAnn.patch('preferences', { paused_until: '2099-01-01T00:00:00Z' });
    await makeDue(api, mail);
    const later = { status: 'waiting', attempts: 0, due_at: '2099-01-01T01:00:00.000Z' };
    await expect.poll(() => deliveries(mail), POLLING).toMatchObject([later, later]);
    await mail.asAnn.patch('preferences', { paused_until: null });
    await makeDue(api, mail);
    await expectStatuses(mail, 'sent', 'sent');
    expect(mailsOf(mail)).toHaveLength(1);
  });
});
