import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';

const api = useApi();

let admin: Client;

beforeAll(async () => {
  ({ admin } = await api.build.organizationWithAdmin());
});

const key = { name: 'service', scopes: [] };

describe('an error response', () => {
  it('is problem+json with all its members', async () => {
    const { status, headers, body } = await admin.get('members?limit=0');
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(body).toEqual({
      type: 'urn:tidings:problem:validation_failed',
      title: expect.any(String),
      status: 400,
      detail: 'limit must be a whole number from 1 to 100.',
      code: 'validation_failed',
      request_id: headers['x-request-id'],
      errors: [{ field: 'limit', message: 'must be a whole number from 1 to 100' }],
    });
  });

  it.each([
    ['broken JSON', 400, 'malformed_json', () => admin.post('admin/api-keys', '{"name":')],
    ['no JSON object', 400, 'validation_failed', () => admin.post('admin/api-keys', '[]')],
    ['no body where one is required', 400, 'validation_failed', () => admin.send('POST', 'admin/api-keys')],
    [
      'an unknown field',
      400,
      'validation_failed',
      () => admin.post('admin/api-keys', { ...key, organization_id: uuid() }),
    ],
    [
      'a body over 100 KiB',
      413,
      'payload_too_large',
      () => admin.post('admin/api-keys', { ...key, name: 'x'.repeat(110_000) }),
    ],
    [
      'another content type',
      415,
      'unsupported_media_type',
      () => admin.with({ 'Content-Type': 'text/plain' }).post('admin/api-keys', 'name=x'),
    ],
    [
      'a form',
      415,
      'unsupported_media_type',
      () =>
        admin.with({ 'Content-Type': 'application/x-www-form-urlencoded' }).post('admin/api-keys', 'name=x'),
    ],
    [
      'headers over 16 kB',
      431,
      'headers_too_large',
      () => admin.with({ 'X-Filler': 'x'.repeat(20_000) }).get('me'),
    ],
    ['a route that is not there', 404, 'not_found', () => admin.get('nothing')],
    ['a path outside the API', 404, 'not_found', () => admin.get('/wp-login.php')],
    ['a path that cannot be decoded', 404, 'not_found', () => admin.get('/api/v1/members/%zz')],
    ['a method that is not served', 405, 'method_not_allowed', () => admin.post('me')],
    ['an id in the path that is no UUID', 404, 'not_found', () => admin.delete('admin/api-keys/1')],
    [
      'nesting 33 levels deep',
      400,
      'validation_failed',
      () => admin.post('admin/api-keys', `${'{"a":'.repeat(34)}1${'}'.repeat(34)}`),
    ],
    [
      'a field that every object inherits',
      400,
      'validation_failed',
      () => admin.post('admin/api-keys', '{"name":"a","scopes":[],"toString":1}'),
    ],
    [
      'a query that every object inherits',
      400,
      'validation_failed',
      () => admin.get('members?constructor=1'),
    ],
    ['__proto__ in a query', 400, 'validation_failed', () => admin.get('members?__proto__=1')],
    ['__proto__', 400, 'malformed_json', () => admin.post('admin/api-keys', '{"__proto__":{}}')],
    ['a tampered cursor', 400, 'validation_failed', () => admin.get('admin/audit?cursor=bm90LWEtdXVpZA')],
  ])('for %s is %i %s', async (_what, status, code, ask) => {
    const answer = await ask();
    expect({ status: answer.status, code: answer.body?.code }).toEqual({ status, code });
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it.each([
    ['NUL', String.raw`{"name":"a\u0000b","scopes":[]}`, 'name'],
    ['half of a surrogate pair', String.raw`{"name":"a\ud800b","scopes":[]}`, 'name'],
    ['NUL deep inside', String.raw`{"name":"a","scopes":["\u0000"]}`, 'scopes.0'],
  ])('for %s names the field', async (_what, body, field) => {
    const answer = await admin.post('admin/api-keys', body);
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ field, message: expect.stringContaining('NUL') }] },
    });
  });

  it('lists the allowed methods with 405', async () => {
    expect((await admin.post('members/theo')).headers['allow']).toBe('DELETE, GET, HEAD, PUT');
  });

  it('says how to authenticate with 401', async () => {
    expect((await api.anybody.get('me')).headers['www-authenticate']).toBe('Bearer');
  });

  it('is not caused by an unknown Expect header', async () => {
    expect((await admin.with({ Expect: 'miracles' }).get('me')).status).toBe(200);
  });

  it.each(['NONSENSE\r\n\r\n', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'])(
    'is problem+json even for a request that is not HTTP: %j',
    async (sent) => {
      const { port } = api.app.getHttpServer().address() as { port: number };
      const text = await new Promise<string>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(sent));
        let received = '';
        socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
        socket.on('end', () => resolve(received));
        socket.on('error', reject);
      });
      expect(text).toContain('HTTP/1.1 400');
      expect(text).toContain('application/problem+json');
    },
  );

  it('is a 500 without its cause for an unexpected error, which is logged without values', async () => {
    const { id } = await api.build.organization();
    await api.database.query('ALTER TABLE organizations RENAME COLUMN name TO other_name');
    try {
      const { status, text } = await api.platform().get(`organizations/${id}`);
      expect(status).toBe(500);
      expect(text).not.toMatch(/column|other_name|organizations|select/i);
      const line = api.logged.findLast((logged) => logged.includes('"failed"'))!;
      expect(JSON.parse(line)).toMatchObject({ error: { sql_state: '42703' } });
    } finally {
      await api.database.query('ALTER TABLE organizations RENAME COLUMN other_name TO name');
    }
  });
});

describe('a path', () => {
  it('without a version is served as v1, and is not documented', async () => {
    expect((await admin.get('/api/me')).body).toEqual((await admin.get('/api/v1/me')).body);
    expect(Object.keys(api.document.paths).filter((path) => /^\/api\/(?!v1\/)/.test(path))).toEqual([]);
    expect((await admin.get('/api/v2/me')).status).toBe(404);
  });
});

describe('a list', () => {
  it('shows every item once with any page size', async () => {
    const usernames = ['anna', 'bert', 'carl', 'dora', 'emil'];
    const clinic = await api.build.organization();
    await Promise.all(usernames.map((username) => api.build.member({ organization: clinic, username })));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: any } = await api
        .platform(clinic)
        .get(`members?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.data.map((person: { username: string }) => person.username));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(usernames);
  });

  it('has 20 items per page by default, and no next page after exactly as many', async () => {
    const clinic = await api.build.organization();
    await Promise.all(Array.from({ length: 21 }, () => api.build.member({ organization: clinic })));
    expect((await api.platform(clinic).get('members')).body).toMatchObject({
      data: { length: 20 },
      next_cursor: expect.any(String),
    });
    expect((await api.platform(clinic).get('members?limit=21')).body).toMatchObject({
      data: { length: 21 },
      next_cursor: null,
    });
  });
});
