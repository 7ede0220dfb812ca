import { once } from 'node:events';
import { type Server, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { useNameServer } from './name-server.js';
import { type WebhookTenant, deliveriesOf, webhookTenant } from './notices.js';

/** What nobody on the internet has an address in, in every notation that leads there. */
const PRIVATE_HOSTS = `
  127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001
  127.0.0.1. １２７.０.０.１ 127。0。0。1 %31%32%37.0.0.1 0 0x0 0.0.0.0 10.0.0.1 10.255.255.255 172.16.0.1
  172.31.255.255 192.168.0.1 192.168.255.255 169.254.169.254 169.254.170.2 0xa9fea9fe 2852039166
  0251.0376.0251.0376 100.64.0.1 100.100.100.200 100.127.255.254 192.0.0.1 192.0.0.192 192.0.2.1
  198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 239.255.255.250 240.0.0.1
  255.255.255.255 [::1] [::] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1]
  [::ffff:7f00:1] [::ffff:169.254.169.254] [::ffff:8.8.8.8] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1]
  [64:ff9b::a9fe:a9fe] [64:ff9b:1::7f00:1] [2002:7f00:1::1] [2002:a9fe:a9fe::1] [2001:0:7f00:1::]
  [2001:10::1] [2001:db8::1] [3fff::1] [100::1] [fe80::1] [fec0::1] [fc00::1] [fd00:ec2::254]
  [ff02::1] [4000::1] [5f00::1]`
  .trim()
  .split(/\s+/);

/** Public as far as anybody can notify, and given to nobody. */
const NOWHERE = '3000::1';

const api = useApi();
const names = useNameServer();

let home: WebhookTenant;
let listeners: Server[];
let connections = 0;
let port: number;

beforeAll(async () => {
  home = await webhookTenant(api);
  const first = await listen('127.0.0.1', 0);
  ({ port } = first.address() as { port: number });
  listeners = [first, await listen('::1', port)];
});

afterAll(() => listeners.map((listener) => listener.close()));

/** Counts whoever connects, which nobody should. */
async function listen(host: string, onPort: number): Promise<Server> {
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(onPort, host);
  await once(server, 'listening');
  return server;
}

/** Of an endpoint that has got to this URL, whatever was checked when it was made. */
async function outcomeOf(url: string): Promise<{ status: string; error: string }> {
  const { id } = await home.hook('https://clinic.example');
  await api.database.query('UPDATE webhook_endpoints SET url = $2 WHERE id = $1', [id, url]);
  // An admin of its own, because the tests of one are limited.
  const admin = await api.as(await api.build.member({ organization: home.organization, role: 'admin' }));
  const { body } = await admin.post(`admin/webhooks/${id}/test`);
  await home.admin.delete(`admin/webhooks/${id}`);
  return body as { status: string; error: string };
}

describe('a webhook', () => {
  it('is refused for a private address in any notation', async () => {
    expect(PRIVATE_HOSTS.length).toBeGreaterThan(60);
    for (const host of PRIVATE_HOSTS) {
      for (const url of [`http://${host}:${port}`, `https://${host}`]) {
        const { status, body } = await home.admin.post('admin/webhooks', { url });
        expect({ url, status, errors: body.errors }).toEqual({
          url,
          status: 400,
          errors: [{ field: 'url', message: 'must lead to a public address' }],
        });
      }
    }
  });

  it.each([
    'https://8.8.8.8',
    'http://172.32.0.1:8080',
    'https://[2606:4700::1111]',
    'https://clinic.example',
  ])('is accepted for %s', async (url) => {
    const answer = await home.admin.post('admin/webhooks', { url });
    expect(answer.status).toBe(201);
    await home.admin.delete(`admin/webhooks/${answer.body.id}`);
  });

  it('is never sent to a private address that its URL has come to lead to', async () => {
    for (const host of PRIVATE_HOSTS) {
      expect({ host, ...(await outcomeOf(`http://${host}:${port}`)) }).toMatchObject({
        host,
        status: 'failed',
        error: 'The URL must lead to a public address.',
      });
    }
    expect(connections).toBe(0);
  });

  it.each([
    ['loopback', ['127.0.0.1']],
    ['loopback of IPv6', ['::1']],
    ['loopback of IPv4 in IPv6', ['::ffff:127.0.0.1']],
    ['metadata', ['169.254.169.254']],
    ['one address of many that is private', [NOWHERE, '127.0.0.1']],
    ['one of IPv6 that is private', ['8.8.8.8', '::1']],
  ])('is never sent to a name that resolves to %s', async (_what, addresses) => {
    names.serve((name) => (name === 'inner.clinic.example' ? addresses : []));
    for (const url of [`http://inner.clinic.example:${port}`, `https://inner.clinic.example:${port}`]) {
      expect(await outcomeOf(url)).toMatchObject({
        status: 'failed',
        error: 'The name of the host resolves to an address that is not public.',
      });
    }
    expect(connections).toBe(0);
  });

  it.each(['localhost', 'localhost.', 'any.localhost', 'ip6-localhost', 'nobody.example'])(
    'is never sent to %s, which is not a public name',
    async (host) => {
      names.serve(() => []);
      expect((await outcomeOf(`http://${host}:${port}`)).error).toBe(
        'The name of the host could not be resolved.',
      );
      expect(connections).toBe(0);
    },
  );

  it('connects to the address that was checked, even if the name resolves to another one afterwards', async () => {
    const asked: string[] = [];
    names.serve((name) => {
      // What other tests have left waiting asks too.
      if (name !== 'turning.example') return [];
      asked.push(name);
      // The first query, for either kind of address, gets a public one.
      return asked.length <= 2 ? [NOWHERE] : ['127.0.0.1', '::1'];
    });
    const first = await outcomeOf(`http://turning.example:${port}`);
    expect(first.status).toBe('failed');
    expect(first.error).not.toContain('not public');
    expect((await outcomeOf(`http://turning.example:${port}`)).error).toContain('not public');
    expect(asked).toEqual(Array(4).fill('turning.example'));
    expect(connections).toBe(0);
  });

  it('does not wait for another one whose name server hangs', async () => {
    names.serve((name) => (name === 'hanging.example' ? undefined : ['127.0.0.1']));
    const hanging = Promise.all(Array.from({ length: 7 }, () => outcomeOf('https://hanging.example')));
    const start = Date.now();
    expect((await outcomeOf(`http://inner.example:${port}`)).error).toContain('not public');
    expect(Date.now() - start).toBeLessThan(2000);
    for (const { status } of await hanging) expect(status).toBe('failed');
  });

  it('fails its deliveries without a connection if its name resolves to a private address', async () => {
    names.serve(() => ['127.0.0.1']);
    await home.hook(`http://inner.example:${port}`);
    await home.notify('News');
    const last_error = 'The name of the host resolves to an address that is not public.';
    await expect
      .poll(() => deliveriesOf(api, home.organization), { timeout: 10_000 })
      .toMatchObject([{ status: 'waiting', attempts: 1, last_error }]);
    expect(connections).toBe(0);
  });
});
