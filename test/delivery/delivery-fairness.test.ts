import { once } from 'node:events';
import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { readConfig } from '../../libs/config/config.js';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { Browser } from './browser.js';
import { useMailServer } from './mail-server.js';

type Queue = 'email' | 'digest' | 'web_push' | 'webhook';

const mails = await useMailServer();
const [hanging, answering] = await Promise.all([serve(() => undefined), serve((_, answer) => answer.end())]);
const api = useApi({
  mail: { from: 'tidings@example.com', smtpUrl: mails.url },
  webhookAllowPrivate: true,
  concurrency: { email: 5, digest: 3, web_push: 14, webhook: 14 },
});

/** Of these slots: for what is not urgent, and of that for one organization. */
const SLOTS: Record<Queue, { total: number; normal: number; perOrganization: number }> = {
  email: { total: 5, normal: 3, perOrganization: 2 },
  digest: { total: 3, normal: 3, perOrganization: 2 },
  web_push: { total: 14, normal: 12, perOrganization: 3 },
  webhook: { total: 14, normal: 12, perOrganization: 3 },
};
const QUEUES = ['email', 'digest', 'web_push', 'webhook'] as const;
const SOON = { timeout: 15_000, interval: 20 };

async function serve(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

afterEach(async () => {
  await api.database.query(`UPDATE deliveries SET status = 'cancelled' WHERE status = 'waiting'`);
  mails.letGo();
  hanging.closeAllConnections();
});

afterAll(() => {
  for (const server of [hanging, answering]) {
    server.closeAllConnections();
    server.close();
  }
});

const PEOPLE = 3;

/** An organization all of whose people are reached by one channel: by addresses that hang, or that answer. */
async function reachedBy(
  queue: Queue,
  server: Server,
): Promise<{ id: string; notify(given?: object): Promise<void> }> {
  const { organization, admin } = await api.build.organizationWithAdmin();
  const service = await api.build.service(organization, ['notifications:send']);
  const userIds: string[] = [];
  for (let number = 0; number < PEOPLE; number++) {
    const email = queue === 'email' || queue === 'digest' ? `${uuid()}@example.com` : undefined;
    const member = await api.build.member({ organization, ...(email && { email }) });
    const client = await api.as(member);
    if (email && server === hanging) mails.hold(email);
    if (queue === 'digest') await client.patch('preferences', { types: { BILLING: { email: 'hourly' } } });
    if (queue === 'web_push') {
      await client.put('preferences/push-subscriptions', new Browser(originOf(server)).subscription);
    }
    userIds.push(member.id);
  }
  if (queue === 'webhook') {
    for (const path of ['one', 'two'])
      await admin.post('admin/webhooks', { url: `${originOf(server)}/${path}` });
  }
  const notify = async (given: object = {}) => {
    const notice = {
      to: { users: userIds },
      // By default nobody is pushed bills.
      type: queue === 'web_push' ? 'APPOINTMENT' : 'BILLING',
      title: 'Your invoice',
      body: 'Thank you.',
      ...given,
    };
    const { status, text } = await service.post('notifications', notice);
    expect(status, text).toBe(202);
    if (queue === 'digest') await bringDigestsDue(organization.id);
  };
  return { id: organization.id, notify };
}

async function bringDigestsDue(organizationId: string): Promise<void> {
  const deliveries = () =>
    api.database.query('SELECT FROM deliveries WHERE organization_id = $1', [organizationId]);
  await expect.poll(deliveries, SOON).toHaveLength(PEOPLE);
  await api.database.query(
    `UPDATE deliveries SET due_at = now() WHERE organization_id = $1 AND status = 'waiting'`,
    [organizationId],
  );
}

const inProgress = async (organizationId?: string): Promise<number> => {
  const rows = await api.database.query(
    `SELECT FROM deliveries WHERE status = 'waiting' AND leased_until > now()
       AND organization_id = coalesce($1, organization_id)`,
    [organizationId ?? null],
  );
  return rows.length;
};

const statusesOf = (organizationId: string) =>
  api.database.query('SELECT DISTINCT status FROM deliveries WHERE organization_id = $1', [organizationId]);

describe.each(QUEUES)('the queue of %s', { timeout: 60_000 }, (queue) => {
  const { total, normal, perOrganization } = SLOTS[queue];

  it('gives an organization whose addresses all hang only its share, and serves the others', async () => {
    const [flooding, other] = [await reachedBy(queue, hanging), await reachedBy(queue, answering)];
    await flooding.notify();
    await expect.poll(() => inProgress(flooding.id), SOON).toBe(perOrganization);
    await other.notify();
    // A digest ends as closed, whether it was sent or not wanted any more.
    const sent = queue === 'digest' ? 'closed' : 'sent';
    await expect.poll(() => statusesOf(other.id), SOON).toEqual([{ status: sent }]);
    expect(await inProgress(flooding.id)).toBe(perOrganization);
  });

  it('sends up to the configured concurrency at once, and reserves the last slots for urgent deliveries', async () => {
    const floods = Math.ceil(normal / perOrganization) + 1;
    const organizations: Awaited<ReturnType<typeof reachedBy>>[] = [];
    for (let number = 0; number <= floods; number++) organizations.push(await reachedBy(queue, hanging));
    // All are there before the first delivery begins, because each of them ends by a timeout.
    const [urgent, ...flooding] = organizations;
    await Promise.all(flooding.map((one) => one.notify()));
    await expect.poll(() => inProgress(), SOON).toBe(normal);
    if (queue === 'digest') return;
    await urgent!.notify({ priority: 'urgent' });
    await expect.poll(() => inProgress(), SOON).toBe(total);
  });
});

it('a person whose browsers all hang does not block web push to others of their organization', async () => {
  const { organization } = await api.build.organizationWithAdmin();
  const service = await api.build.service(organization, ['notifications:send']);
  const [hostile, other] = [
    await api.build.member({ organization }),
    await api.build.member({ organization }),
  ];
  const subscribe = async (client: Client, server: Server) =>
    client.put('preferences/push-subscriptions', new Browser(originOf(server)).subscription);
  const asHostile = await api.as(hostile);
  const notify = (user: TestMember) =>
    service.post('notifications', {
      to: { users: [user.id] },
      type: 'APPOINTMENT',
      title: 'Tomorrow at nine',
      body: 'Do not be late.',
    });
  // More addresses than are looked at: those of before stay in the queue until their turn comes.
  for (let round = 1; round <= 6; round++) {
    for (let browser = 0; browser < 20; browser++) await subscribe(asHostile, hanging);
    await notify(hostile);
    await expect.poll(() => countOf(hostile.id), SOON).toBe(round * 20);
  }
  await subscribe(await api.as(other), answering);
  await notify(other);
  const statuses = () => api.database.query('SELECT status FROM deliveries WHERE user_id = $1', [other.id]);
  await expect.poll(statuses, SOON).toEqual([{ status: 'sent' }]);
});

const countOf = async (userId: string): Promise<number> =>
  (await api.database.query('SELECT FROM deliveries WHERE user_id = $1', [userId])).length;

it('reads the concurrency of each channel from its environment variable', () => {
  const { concurrency } = readConfig({
    EMAIL_CONCURRENCY: '1',
    DIGEST_CONCURRENCY: '2',
    WEB_PUSH_CONCURRENCY: '3',
    WEBHOOK_CONCURRENCY: '1000',
  });
  expect(concurrency).toEqual({ email: 1, digest: 2, web_push: 3, webhook: 1000 });
  expect(readConfig({}).concurrency).toEqual({ email: 8, digest: 4, web_push: 32, webhook: 100 });
});
