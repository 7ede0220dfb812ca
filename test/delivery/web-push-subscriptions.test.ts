import { v7 as uuid } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { Browser } from './browser.js';

const api = useApi();

const path = 'preferences/push-subscriptions';

let organization: TestOrganization;
let [asAnn, asBob]: Client[] = [];

beforeEach(async () => {
  organization = await api.build.organization();
  [asAnn, asBob] = await Promise.all(
    [1, 2].map(async () => api.as(await api.build.member({ organization }))),
  );
});

const browser = () => new Browser('https://push.example').subscription;
const listOf = async (client: Client) =>
  (await client.get(path)).body as { public_key: string; subscriptions: any[] };
const remove = (client: Client, { endpoint }: { endpoint: string }) =>
  client.delete(`${path}?endpoint=${encodeURIComponent(endpoint)}`);

describe('a push subscription', () => {
  it('can be created and deleted repeatedly, and is listed without its endpoint', async () => {
    const subscription = browser();
    const made = await asAnn!.put(path, subscription);
    expect(made).toMatchObject({ status: 201, body: { host: 'push.example' } });
    expect(await asAnn!.put(path, { ...subscription, expirationTime: 1795000000000.5 })).toMatchObject({
      status: 200,
      body: made.body,
    });
    const answer = await asAnn!.get(path);
    expect(answer.body.subscriptions).toEqual([made.body]);
    expect(answer.text).not.toContain(subscription.endpoint);
    expect(answer.text).not.toContain(subscription.keys.auth);
    expect(await remove(asAnn!, subscription)).toMatchObject({ status: 204 });
    expect(await remove(asAnn!, subscription)).toMatchObject({ status: 204 });
    expect((await listOf(asAnn!)).subscriptions).toEqual([]);
  });

  it('uses the key of the organization, which stays the same and differs from all others', async () => {
    const { public_key } = await listOf(asAnn!);
    expect(Buffer.from(public_key, 'base64url')).toHaveLength(65);
    expect((await listOf(asBob!)).public_key).toBe(public_key);
    const stranger = await api.as(await api.build.member());
    expect((await listOf(stranger)).public_key).not.toBe(public_key);
  });

  it('gets one key even if several first requests for it are concurrent', async () => {
    const lists = await Promise.all(Array.from({ length: 8 }, () => listOf(asAnn!)));
    expect(new Set(lists.map(({ public_key }) => public_key)).size).toBe(1);
  });

  it('belongs only to the last person who created it', async () => {
    const subscription = browser();
    await asAnn!.put(path, subscription);
    expect((await asBob!.put(path, subscription)).status).toBe(201);
    expect((await listOf(asAnn!)).subscriptions).toEqual([]);
    expect(await remove(asAnn!, subscription)).toMatchObject({ status: 204 });
    expect((await listOf(asBob!)).subscriptions).toHaveLength(1);
  });

  it('cannot be read, deleted or moved by another organization', async () => {
    const subscription = browser();
    await asAnn!.put(path, subscription);
    const stranger = await api.as(await api.build.member());
    expect((await listOf(stranger)).subscriptions).toEqual([]);
    expect(await remove(stranger, subscription)).toMatchObject({ status: 204 });
    expect((await stranger.put(path, subscription)).status).toBe(201);
    expect((await listOf(asAnn!)).subscriptions).toHaveLength(1);
  });

  it('replaces the oldest one if the person has twenty', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 22; number++) ids.push((await asAnn!.put(path, browser())).body.id);
    const { subscriptions } = await listOf(asAnn!);
    expect(subscriptions.map(({ id }) => id as string)).toEqual(ids.slice(2));
  });

  it('can be created on behalf of a person by a service with act_as', async () => {
    const member = await api.build.member({ organization });
    const service = await api.build.service(organization, ['act_as']);
    const onBehalf = service.with({ 'X-On-Behalf-Of': member.username });
    expect((await onBehalf.put(path, browser())).status).toBe(201);
    expect((await listOf(await api.as(member))).subscriptions).toHaveLength(1);
  });
});

describe('a push subscription is refused', () => {
  const { keys } = browser();
  const auth = Buffer.alloc(15).toString('base64url');
  const offTheCurve = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString('base64url');
  const at = (endpoint: unknown) => ({ endpoint, keys });

  it.each<[string, string, object]>([
    ['with plain http', 'endpoint', at('http://push.example/1')],
    ['with another protocol', 'endpoint', at('ftp://push.example/1')],
    ['with no web address', 'endpoint', at('push.example')],
    ['with a name and password', 'endpoint', at('https://a:b@push.example/1')],
    ['to this machine', 'endpoint', at('https://127.0.0.1/1')],
    ['to this machine, by IPv6', 'endpoint', at('https://[::1]/1')],
    ['to this machine, in hexadecimal', 'endpoint', at('https://0x7f000001/1')],
    ['to a private network', 'endpoint', at('https://10.1.2.3:8443/1')],
    ['to the metadata of a cloud', 'endpoint', at('https://169.254.169.254/latest')],
    ['with an endpoint that is too long', 'endpoint', at(`https://push.example/${'x'.repeat(1000)}`)],
    ['without an endpoint', 'endpoint', { keys }],
    ['with an endpoint that is no text', 'endpoint', at({})],
    ['without keys', 'keys', { endpoint: browser().endpoint }],
    ['with keys that are no object', 'keys', { ...browser(), keys: 'x' }],
    ['without p256dh', 'keys.p256dh', { ...browser(), keys: { auth: keys.auth } }],
    ['with a p256dh that is too short', 'keys.p256dh', { ...browser(), keys: { ...keys, p256dh: 'AAAA' } }],
    ['with a p256dh off the curve', 'keys.p256dh', { ...browser(), keys: { ...keys, p256dh: offTheCurve } }],
    ['with an auth of 15 bytes', 'keys.auth', { ...browser(), keys: { ...keys, auth } }],
    ['with a time that is none', 'expirationTime', { ...browser(), expirationTime: 'soon' }],
    ['with a field that is unknown', 'id', { ...browser(), id: uuid() }],
  ])('%s, naming the field', async (_name, field, body) => {
    const answer = await asAnn!.put(path, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed', errors: [{ field }] } });
    expect((await listOf(asAnn!)).subscriptions).toEqual([]);
  });

  it('if a deletion does not name an endpoint', async () => {
    expect(await asAnn!.delete(path)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'endpoint' }] },
    });
  });
});
