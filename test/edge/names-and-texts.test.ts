import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { apiRoutes, bodySchema, fill, nameOf } from '../support/routes.js';

const api = useApi();

let organization: TestOrganization;
let admin: Client;

beforeAll(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
});

const INHERITED = ['toString', 'constructor', 'hasOwnProperty', 'valueOf', '__lookupGetter__'];

/** The paths of all objects in a body that have fields of their own, such as context or rules.0. */
function shapesIn(schema: any, path: string[] = []): string[][] {
  const { $ref, anyOf, items, properties } = schema ?? {};
  if ($ref) return shapesIn(api.document.components!.schemas![$ref.split('/').at(-1)], path);
  if (anyOf) return anyOf.flatMap((part: any) => shapesIn(part, path));
  if (items) return shapesIn(items, [...path, '0']);
  if (!properties) return [];
  const inner = Object.entries(properties).flatMap(([name, property]) => shapesIn(property, [...path, name]));
  return path.length > 0 ? [path, ...inner] : inner;
}

const bodyWith = ([first, ...rest]: string[], value: unknown): unknown => {
  if (first === undefined) return value;
  return first === '0' ? [bodyWith(rest, value)] : { [first]: bodyWith(rest, value) };
};

describe('a property name that every object inherits', () => {
  it('is refused and named in every nested object with known fields', async () => {
    const found: string[] = [];
    for (const route of apiRoutes(api.routes)) {
      const isOfType = route.path.endsWith(':type');
      for (const path of shapesIn(bodySchema(api.document, route))) {
        found.push(`${nameOf(route)} ${path.join('.')}`);
        for (const name of INHERITED) {
          const body = JSON.stringify(bodyWith(path, { [name]: 1 }));
          const answer = await admin.send(
            route.method,
            fill(route.path, isOfType ? 'BILLING' : uuid()),
            body,
          );
          const what = `${nameOf(route)} with ${body}: ${answer.text}`;
          expect(answer.status, what).toBe(400);
          const fields = answer.body.errors?.map(({ field }: { field: string }) => field);
          expect(fields, what).toContain([...path, name].join('.'));
        }
      }
    }
    expect(found).toContain('POST messages/threads context');
    expect(found.length).toBeGreaterThan(5);
  });

  it('is stored where property names are data', async () => {
    const { id } = await api.build.member({ organization });
    const data = { toString: 'a', deep: { hasOwnProperty: 1 } };
    const sent = await admin.post('notifications', {
      to: { users: [id] },
      type: 'SYSTEM',
      title: 'Title',
      body: 'Body',
      data,
    });
    expect(sent.status).toBe(202);
    const feed = await (await api.as({ organization, id })).get('notifications');
    expect(feed.body.data[0].data).toEqual(data);
  });
});

describe('a text of invisible characters', () => {
  const EMPTY = {
    blanks: ' \t\n',
    'no-break and other spaces': '\u00a0\u2003\u3000',
    'zero-width characters': '\u200b\u200c\u200d\ufeff',
    'bidi controls': '\u202e\u2066\u200f\u061c',
    'control characters': '\u0001\u0085',
    'soft hyphens and joiners': '\u00ad\u034f\u2060',
    'variation selectors and tags': '\ufe0f\u{e0041}\u{e0100}',
    'Hangul fillers': '\u3164\u115f\uffa0',
    'braille without dots': '\u2800',
  };
  const SHOWN = ['ok', '\u202bשלום\u202c', '👩‍👩‍👧', '가', '.', 'a\u200b'];

  const fields: [string, (text: string) => ReturnType<Client['post']>][] = [
    ['content', (text) => admin.post('messages/send', { recipient: 'nobody', content: text })],
    ['subject', (text) => admin.post('messages/send', { recipient: 'nobody', content: 'x', subject: text })],
    ['subject', (text) => admin.post('messages/threads', { participant_ids: ['nobody'], subject: text })],
    [
      'context.id',
      (text) =>
        admin.post('messages/threads', {
          participant_ids: ['nobody'],
          subject: 'x',
          context: { type: 'x', id: text },
        }),
    ],
    [
      'title',
      (text) =>
        admin.post('notifications', { to: { users: [uuid()] }, type: 'NONE', title: text, body: 'x' }),
    ],
    [
      'body',
      (text) =>
        admin.post('notifications', { to: { users: [uuid()] }, type: 'NONE', title: 'x', body: text }),
    ],
    [
      'display_name',
      (text) => admin.put(`members/${uuid()}`, { username: 'x', display_name: text, role: 'none' }),
    ],
    ['name', (text) => admin.post('admin/api-keys', { name: text, scopes: ['none'] })],
    ['name', (text) => api.platform().put(`organizations/${uuid()}`, { name: text })],
    ['reason', (text) => admin.send('DELETE', `admin/messages/${uuid()}`, { reason: text })],
  ];

  const errorsOf = (answer: { body: any }): string[] =>
    (answer.body?.errors ?? []).map(({ field }: { field: string }) => field);

  it.each(Object.entries(EMPTY))('is refused where a text is required: %s', async (_what, text) => {
    for (const [field, send] of fields) {
      const answer = await send(text);
      expect({ field, status: answer.status }).toEqual({ field, status: 400 });
      expect(errorsOf(answer)).toContain(field);
    }
    const reason = Buffer.from(text.replaceAll(/\p{Cc}/gu, ' ')).toString('latin1');
    const oversight = await admin.with({ 'X-Access-Reason': reason }).get(`admin/threads/${uuid()}/messages`);
    expect(oversight.body.code).toBe('reason_required');
  });

  it.each(SHOWN)('may contain visible ones: %j', async (text) => {
    for (const [field, send] of fields) expect(errorsOf(await send(text))).not.toContain(field);
  });
});

describe('a response under /api/', () => {
  it('has Cache-Control: no-store with any status', async () => {
    const answers = [
      await admin.get('me'),
      await admin.get('/api/me'),
      await admin.post('messages/send', {}),
      await admin.get('members/nobody'),
      await api.anybody.get('me'),
      await api.anybody.get('unsubscribe/none'),
      await api.anybody.post('dev/token', { username: 'nobody' }),
    ];
    for (const { headers } of answers) expect(headers['cache-control']).toBe('no-store');
  });
});
