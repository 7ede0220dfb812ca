import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { answers, useReceivers, verify } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let organization: TestOrganization;
let admin: Client;

beforeEach(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
});

const create = async (url: string) =>
  (await admin.post('admin/webhooks', { url })).body as { id: string; secret: string };

const list = async () => (await admin.get('admin/webhooks')).body.data as Record<string, any>[];

describe('a test event', () => {
  const test = (id: string) => admin.post(`admin/webhooks/${id}/test`);

  it('is sent at once and signed, even if the webhook is disabled', async () => {
    const receiver = await receive();
    const { id, secret } = await create(receiver.url);
    await admin.patch(`admin/webhooks/${id}`, { enabled: false });
    expect(await test(id)).toMatchObject({
      status: 200,
      body: { status: 'delivered', response_status: 204, error: null, duration_ms: expect.any(Number) },
    });
    expect(verify(receiver.received[0]!, secret)).toEqual({
      type: 'webhook.test',
      timestamp: expect.stringMatching(/Z$/),
      data: { organization_id: organization.id, webhook_id: id },
    });
  });

  it('reports why it failed, is not retried, and changes nothing', async () => {
    const receiver = await receive(answers(410));
    const { id } = await create(receiver.url);
    expect((await test(id)).body).toMatchObject({
      status: 'failed',
      response_status: 410,
      error: 'It responded with 410.',
    });
    expect(receiver.received).toHaveLength(1);
    expect(await list()).toMatchObject([{ enabled: true }]);

    await receiver.stop();
    expect((await test(id)).body).toMatchObject({
      status: 'failed',
      response_status: null,
      error: 'The connection was refused.',
    });
  });

  it('holds no database connection while it waits for the endpoint', async () => {
    const waiting: (() => void)[] = [];
    const receiver = await receive((response) => waiting.push(() => response.end()));
    const { id } = await create(receiver.url);
    const admins = [];
    for (let number = 0; number < 4; number++) {
      admins.push(await api.as(await api.build.member({ organization, role: 'admin' })));
    }
    const tests = Promise.all(
      admins.flatMap((one) => Array.from({ length: 10 }, () => one.post(`admin/webhooks/${id}/test`))),
    );
    await expect.poll(() => waiting.length, { timeout: 10_000 }).toBe(40);
    const open = await api.database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now() - interval '1 s'`,
    );
    expect(open).toEqual([]);
    expect((await admin.get('me')).status).toBe(200);
    for (const answer of waiting) answer();
    for (const { body } of await tests) expect(body.status).toBe('delivered');
  });

  it('can be sent 30 times a minute by each caller, even without RATE_LIMIT', async () => {
    const receiver = await receive();
    const { id } = await create(receiver.url);
    for (let number = 0; number < 30; number++) expect((await test(id)).status).toBe(200);
    const refused = await test(id);
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(receiver.received).toHaveLength(30);
    const colleague = await api.as(await api.build.member({ organization, role: 'admin' }));
    expect((await colleague.post(`admin/webhooks/${id}/test`)).status).toBe(200);
  });

  it('gets the same response for one Idempotency-Key, and stores no secret', async () => {
    const receiver = await receive();
    const { id, secret } = await create(receiver.url);
    const client = admin.with({ 'Idempotency-Key': uuid() });
    const first = await client.post(`admin/webhooks/${id}/test`);
    receiver.behaviour = answers(500);
    const second = await client.post(`admin/webhooks/${id}/test`);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    const kept = await api.database.query<{ result: Buffer }>('SELECT result FROM idempotency_keys');
    expect(kept.map(({ result }) => result.toString('latin1')).join()).not.toContain(secret);
  });
});
