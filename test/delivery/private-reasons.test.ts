import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { person, send } from '../support/people.js';
import { useMailServer } from './mail-server.js';
import {
  type Mailing,
  POLLING,
  makeDue,
  deliveries,
  mailing,
  expectDeliveryCount,
  expectStatuses,
  notify,
} from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const shownTo = async ({ admin }: Mailing, query = '') =>
  (await admin.get(`admin/deliveries?limit=100${query}`)).body.data as Record<string, unknown>[];

const explained = async ({ asAnn }: Mailing, id: string) =>
  (await asAnn.get(`notifications/${id}/explanation`)).body.deliveries as Record<string, unknown>[];

/** Everything that is not an id or a time of its own. */
const withoutIds = (shown: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(shown).filter(([name]) => !['id', 'notification_id', 'created_at'].includes(name)),
  );

/** Two that wait for a digest: one is left alone, and something happens to the other. */
async function waitingPair(): Promise<{ mail: Mailing; other: string; changed: string }> {
  const mail = await mailing(api);
  await mail.asAnn.patch('preferences', { types: { BILLING: { email: 'daily' } } });
  const [other, changed] = [await notify(mail, { title: 'One' }), await notify(mail, { title: 'Two' })];
  await expectDeliveryCount(mail, 2);
  return { mail, other, changed };
}

describe('a delayed delivery, as admins see it,', () => {
  it.each<[string, string, (mail: Mailing, id: string) => Promise<unknown>]>([
    [
      'read',
      'You had read it before.',
      (mail, id) => mail.asAnn.patch(`notifications/${id}`, { status: 'read' }),
    ],
    [
      'deleted',
      'It was retracted, or you deleted it.',
      (mail, id) => mail.asAnn.delete(`notifications/${id}`),
    ],
  ])(
    'looks the same whether it was sent or the notification was %s before; the person sees which',
    async (_what, reason, change) => {
      const { mail, other, changed } = await waitingPair();
      await change(mail, changed);
      await makeDue(api, mail);
      await expectStatuses(mail, 'sent', 'cancelled');
      const [one, two] = await shownTo(mail);
      expect(withoutIds(one!)).toEqual(withoutIds(two!));
      expect(one).toMatchObject({
        status: 'closed',
        sent_at: null,
        last_error: null,
        due_at: null,
        attempts: 1,
      });

      expect(await shownTo(mail, '&status=closed')).toHaveLength(2);
      for (const status of ['sent', 'cancelled'])
        expect(await shownTo(mail, `&status=${status}`)).toEqual([]);
      const retries = await Promise.all(
        [one!, two!].map(({ id }) => mail.admin.post(`admin/deliveries/${id as string}/retry`)),
      );
      const [first, second] = retries.map(({ status, body }) => ({ status, detail: body.detail }));
      expect(first).toEqual(second);
      expect(first).toMatchObject({ status: 409 });
      const { body } = await mail.admin.get('admin/stats');
      expect(JSON.stringify(body)).not.toMatch(/"(sent|cancelled)":[12]/);

      expect(await explained(mail, other)).toMatchObject([
        { status: 'sent', sent_at: expect.any(String), reason: null },
      ]);
      if (_what === 'read') {
        expect(await explained(mail, changed)).toMatchObject([
          { status: 'cancelled', sent_at: null, reason },
        ]);
      }
    },
  );

  it('does not reveal whether a person who shares no read receipts has read the message', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('me/visibility', { share_read_receipts: false });
    const [bob, carl] = [await person(api, mail.organization), await person(api, mail.organization)];
    const { thread_id } = await send(bob, { ...mail.ann, client: mail.asAnn }, 'Read this.');
    await send(carl, { ...mail.ann, client: mail.asAnn }, 'And this.');
    await expectDeliveryCount(mail, 2);
    await mail.asAnn.post(`messages/threads/${thread_id}/read`);
    const readAt = async () =>
      (
        await api.database.query('SELECT FROM notifications WHERE user_id = $1 AND read_at IS NOT NULL', [
          mail.ann.id,
        ])
      ).length;
    await expect.poll(readAt, POLLING).toBe(1);
    await makeDue(api, mail);
    await expectStatuses(mail, 'cancelled', 'sent');
    const [one, two] = await shownTo(mail);
    expect(withoutIds(one!)).toEqual(withoutIds(two!));
  });

  it.each<[string, string, (mail: Mailing) => Promise<unknown>]>([
    [
      'turned off',
      'It had been turned off in the preferences.',
      (mail) => mail.asAnn.patch('preferences', { types: { BILLING: { email: 'off' } } }),
    ],
  ])('does not reveal that it was %s', async (_what, reason, change) => {
    const { mail, changed } = await waitingPair();
    await change(mail);
    await makeDue(api, mail);
    await expectStatuses(mail, 'cancelled', 'cancelled');
    expect(await shownTo(mail)).toMatchObject([{ status: 'closed' }, { status: 'closed' }]);
    expect(await explained(mail, changed)).toMatchObject([{ status: 'cancelled', reason }]);
  });
});

describe('a failed delivery, as admins see it,', () => {
  const failing = async () => {
    const mail = await mailing(api);
    const [bob] = [await person(api, mail.organization)];
    await mail.asAnn.patch('preferences', { types: { MESSAGE: { email: 'on' } } });
    server.refuse(mail.ann.email, { code: 451, words: '4.7.1 Greylisted' });
    const { message_id } = await send(bob, { ...mail.ann, client: mail.asAnn }, 'Hello.');
    // A claim counts as an attempt before it is made: its outcome would put off what comes up meanwhile.
    await expect
      .poll(() => deliveries(mail), POLLING)
      .toMatchObject([{ status: 'waiting', attempts: 1, last_error: expect.stringContaining('Greylisted') }]);
    const [{ id } = { id: '' }] = (await mail.asAnn.get('notifications')).body.data as { id: string }[];
    return { mail, bob, message_id, id };
  };

  it.each<[string, (of: Awaited<ReturnType<typeof failing>>) => Promise<unknown>, string]>([
    ['a block', ({ mail, bob }) => mail.asAnn.post(`messages/users/${bob.id}/block`), 'actor_blocked'],
    ['a deletion', ({ mail, id }) => mail.asAnn.delete(`notifications/${id}`), 'deleted'],
  ])('has one neutral reason after %s, and cannot be retried', async (_what, change, reason) => {
    const of = await failing();
    await change(of);
    await makeDue(api, of.mail);
    await expectStatuses(of.mail, 'cancelled');
    expect(await deliveries(of.mail)).toMatchObject([{ reason }]);
    const [shown] = await shownTo(of.mail);
    expect(shown).toMatchObject({ status: 'cancelled', last_error: 'No longer wanted.', attempts: 2 });
    expect((await of.mail.admin.post(`admin/deliveries/${shown!.id as string}/retry`)).status).toBe(409);
  });

  it('has its real reason if admins know it anyway', async () => {
    const { mail } = await failing();
    await mail.admin.delete(`members/${mail.ann.id}`);
    await makeDue(api, mail);
    await expectStatuses(mail, 'cancelled');
    expect(await shownTo(mail)).toMatchObject([{ last_error: 'The person is no longer a member.' }]);
  });

  it('has the neutral reason if it was cancelled before reasons were stored', async () => {
    const { mail } = await failing();
    await api.database.query(
      `UPDATE deliveries SET status = 'cancelled', last_error = 'The person blocks who did it.'
       WHERE organization_id = $1`,
      [mail.organization.id],
    );
    expect(await shownTo(mail)).toMatchObject([{ status: 'cancelled', last_error: 'No longer wanted.' }]);
  });
});
