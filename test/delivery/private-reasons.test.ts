import { describe, expect, it } from 'vitest';
import { PRIVATE_REASONS, PUBLIC_REASONS } from '../../libs/outbound/cancel-reason.js';
import { useApi } from '../support/api.js';
import { person, send } from '../support/people.js';
import { useMailServer } from './mail-server.js';
import { type Mailing, PATIENCE, comeUp, deliveries, mailing, planned, settled, tell } from './mailing.js';

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
  const [other, changed] = [await tell(mail, { title: 'One' }), await tell(mail, { title: 'Two' })];
  await planned(mail, 2);
  return { mail, other, changed };
}

describe('what an admin sees of a delivery that waited', () => {
  it.each<[string, string, (mail: Mailing, id: string) => Promise<unknown>]>([
    [
      'read',
      'You had read it before.',
      (mail, id) => mail.asAnn.patch(`notifications/${id}`, { status: 'read' }),
    ],
    [
      'deleted',
      'It was taken back, or you deleted it.',
      (mail, id) => mail.asAnn.delete(`notifications/${id}`),
    ],
  ])(
    'is the same whether it was sent or had been %s; the person sees which',
    async (_what, reason, change) => {
      const { mail, other, changed } = await waitingPair();
      await change(mail, changed);
      await comeUp(api, mail);
      await settled(mail, 'sent', 'cancelled');
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

  it('says of a message, to somebody who shares no read receipts, nothing of whether it was read', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('me/visibility', { share_read_receipts: false });
    const [bob, carl] = [await person(api, mail.organization), await person(api, mail.organization)];
    const { thread_id } = await send(bob, { ...mail.ann, client: mail.asAnn }, 'Read this.');
    await send(carl, { ...mail.ann, client: mail.asAnn }, 'And this.');
    await planned(mail, 2);
    await mail.asAnn.post(`messages/threads/${thread_id}/read`);
    const readAt = async () =>
      (
        await api.database.query('SELECT FROM notifications WHERE user_id = $1 AND read_at IS NOT NULL', [
          mail.ann.id,
        ])
      ).length;
    await expect.poll(readAt, PATIENCE).toBe(1);
    await comeUp(api, mail);
    await settled(mail, 'cancelled', 'sent');
    const [one, two] = await shownTo(mail);
    expect(withoutIds(one!)).toEqual(withoutIds(two!));
  });

  it.each<[string, string, (mail: Mailing) => Promise<unknown>]>([
    [
      'turned off',
      'It had been turned off in the preferences.',
      (mail) => mail.asAnn.patch('preferences', { types: { BILLING: { email: 'off' } } }),
    ],
  ])('does not show that it was %s', async (_what, reason, change) => {
    const { mail, changed } = await waitingPair();
    await change(mail);
    await comeUp(api, mail);
    await settled(mail, 'cancelled', 'cancelled');
    expect(await shownTo(mail)).toMatchObject([{ status: 'closed' }, { status: 'closed' }]);
    expect(await explained(mail, changed)).toMatchObject([{ status: 'cancelled', reason }]);
  });
});

describe('what an admin sees of a delivery that was to be tried again', () => {
  const failing = async () => {
    const mail = await mailing(api);
    const [bob] = [await person(api, mail.organization)];
    await mail.asAnn.patch('preferences', { types: { MESSAGE: { email: 'on' } } });
    server.refuse(mail.ann.email, { code: 451, words: '4.7.1 Greylisted' });
    const { message_id } = await send(bob, { ...mail.ann, client: mail.asAnn }, 'Hello.');
    // A claim counts as an attempt before it is made: its outcome would put off what comes up meanwhile.
    await expect
      .poll(() => deliveries(mail), PATIENCE)
      .toMatchObject([{ status: 'waiting', attempts: 1, last_error: expect.stringContaining('Greylisted') }]);
    const [{ id } = { id: '' }] = (await mail.asAnn.get('notifications')).body.data as { id: string }[];
    return { mail, bob, message_id, id };
  };

  it.each<[string, (of: Awaited<ReturnType<typeof failing>>) => Promise<unknown>, string]>([
    ['a block', ({ mail, bob }) => mail.asAnn.post(`messages/users/${bob.id}/block`), 'actor_blocked'],
    ['a deletion', ({ mail, id }) => mail.asAnn.delete(`notifications/${id}`), 'deleted'],
  ])('is one neutral reason for %s, and it cannot be tried again', async (_what, change, reason) => {
    const of = await failing();
    await change(of);
    await comeUp(api, of.mail);
    await settled(of.mail, 'cancelled');
    expect(await deliveries(of.mail)).toMatchObject([{ reason }]);
    const [shown] = await shownTo(of.mail);
    expect(shown).toMatchObject({ status: 'cancelled', last_error: 'No longer wanted.', attempts: 2 });
    expect((await of.mail.admin.post(`admin/deliveries/${shown!.id as string}/retry`)).status).toBe(409);
  });

  it('names what admins know anyway', async () => {
    const { mail } = await failing();
    await mail.admin.delete(`members/${mail.ann.id}`);
    await comeUp(api, mail);
    await settled(mail, 'cancelled');
    expect(await shownTo(mail)).toMatchObject([{ last_error: 'The person is no member any more.' }]);
  });

  it('is neutral for what was cancelled before there were reasons', async () => {
    const { mail } = await failing();
    await api.database.query(
      `UPDATE deliveries SET status = 'cancelled', last_error = 'The person blocks who did it.'
       WHERE organization_id = $1`,
      [mail.organization.id],
    );
    expect(await shownTo(mail)).toMatchObject([{ status: 'cancelled', last_error: 'No longer wanted.' }]);
  });
});

describe('a retry by an admin', () => {
  const retried = async (mail: Mailing, change: string) => {
    const [{ id } = { id: '' }] = await shownTo(mail);
    await api.database.query(`UPDATE deliveries SET ${change} WHERE id = $1`, [id]);
    const { status, body } = await mail.admin.post(`admin/deliveries/${id as string}/retry`);
    return { status, detail: body.detail as string | undefined };
  };

  const waiting = async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', { types: { BILLING: { email: 'daily' } } });
    await tell(mail, { title: 'One' });
    await planned(mail, 1);
    return mail;
  };

  it('is refused in the same words for every private reason, and changes nothing', async () => {
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
        detail: 'The person does not want it any more.',
      });
      expect(await state()).toEqual([{ status: 'cancelled', reason, attempts: 1, digest: 'daily' }]);
    }
  });

  it('is refused in the same words for what is closed, whether it was sent or cancelled', async () => {
    const mail = await waiting();
    const answers = [];
    for (const how of [
      `reason = NULL, sent_at = now()`,
      ...PRIVATE_REASONS.map((reason) => `reason = '${reason}', sent_at = NULL`),
    ])
      answers.push(await retried(mail, `status = 'closed', ${how}`));
    const detail = 'It was sent, or the person does not want it any more.';
    expect(answers).toEqual(answers.map(() => ({ status: 409, detail })));
  });

  it.each(PUBLIC_REASONS)(
    'is made of what was cancelled for a reason that admins know: %s',
    async (reason) => {
      const answer = await retried(await waiting(), `status = 'cancelled', reason = '${reason}'`);
      expect(answer.status).toBe(200);
    },
  );
});
