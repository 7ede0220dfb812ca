import { describe, expect, it } from 'vitest';
import { PRIVATE_REASONS, PUBLIC_REASONS } from '../../libs/outbound/cancel-reason.js';
import { useApi } from '../support/api.js';
import { useMailServer } from './mail-server.js';
import { type Mailing, mailing, expectDeliveryCount, expectStatuses, notify } from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const shownTo = async ({ admin }: Mailing) =>
  (await admin.get('admin/deliveries?limit=100')).body.data as Record<string, unknown>[];

describe('a retry of a delivery by an admin', () => {
  const retried = async (mail: Mailing, change: string) => {
    const [{ id } = { id: '' }] = await shownTo(mail);
    await api.database.query(`UPDATE deliveries SET ${change} WHERE id = $1`, [id]);
    const { status, body } = await mail.admin.post(`admin/deliveries/${id as string}/retry`);
    return { status, detail: body.detail as string | undefined };
  };

  const waiting = async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', { types: { BILLING: { email: 'daily' } } });
    await notify(mail, { title: 'One' });
    await expectDeliveryCount(mail, 1);
    return mail;
  };

  it('sends nothing of a digest that the person has turned off since', async () => {
    const mail = await waiting();
    const failed = `UPDATE deliveries SET status = 'failed' WHERE organization_id = $1 RETURNING id`;
    const [delivery] = await api.database.query<{ id: string }>(failed, [mail.organization.id]);
    await mail.asAnn.patch('preferences', { types: { BILLING: { email: 'off' } } });

    const { status } = await mail.admin.post(`admin/deliveries/${delivery!.id}/retry`);

    expect(status).toBe(200);
    await expectStatuses(mail, 'cancelled');
    expect(server.of(mail.ann.email)).toEqual([]);
  });

  it('is refused with the same detail for every private reason, and changes nothing', async () => {
    const mail = await waiting();
    const state = () =>
      api.database.query(
        'SELECT status, reason, attempts, digest FROM deliveries WHERE organization_id = $1',
        [mail.organization.id],
      );
    for (const reason of [...PRIVATE_REASONS, null]) {
      const value = reason === null ? 'NULL' : `'${reason}'`;
      const answer = await retried(mail, `status = 'cancelled', reason = ${value}, attempts = 1`);
      expect({ reason, ...answer }).toEqual({
        reason,
        status: 409,
        detail: 'The person no longer wants the delivery: there is nothing to retry.',
      });
      expect(await state()).toEqual([{ status: 'cancelled', reason, attempts: 1, digest: 'daily' }]);
    }
  });

  it('is refused with the same detail for closed deliveries, sent or cancelled', async () => {
    const mail = await waiting();
    const answers = [];
    for (const how of [
      `reason = NULL, sent_at = now()`,
      ...PRIVATE_REASONS.map((reason) => `reason = '${reason}', sent_at = NULL`),
    ])
      answers.push(await retried(mail, `status = 'closed', ${how}`));
    const detail = 'The delivery was sent, or the person no longer wants it: there is nothing to retry.';
    expect(answers).toEqual(answers.map(() => ({ status: 409, detail })));
  });

  it.each(PUBLIC_REASONS)(
    'succeeds if the delivery was cancelled for a reason that admins know: %s',
    async (reason) => {
      const answer = await retried(await waiting(), `status = 'cancelled', reason = '${reason}'`);
      expect(answer.status).toBe(200);
    },
  );
});
