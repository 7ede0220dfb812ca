import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const LIMIT = 5;
const api = useApi({ rateLimit: LIMIT, corsOrigins: ['https://app.example.com'] });

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

const repeat = async (times: number, ask: () => ReturnType<Client['get']>) => {
  const answers = [];
  for (let time = 0; time < times; time++) answers.push(await ask());
  return answers;
};

describe('the rate limit', () => {
  it('refuses a caller over the limit, with Retry-After', async () => {
    const person = await api.as(await api.build.member({ organization }));
    const answers = await repeat(LIMIT + 2, () => person.get('me'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(answers[0]!.headers).toMatchObject({
      'ratelimit-policy': '"default";q=5;w=60',
      ratelimit: expect.stringMatching(/^"default";r=4;t=\d+$/),
    });
    const { headers, body } = answers.at(-1)!;
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(headers['ratelimit']).toMatch(/^"default";r=0;/);
    expect(body.code).toBe('rate_limited');
  });

  it('counts each caller and each route separately', async () => {
    const one = await api.as(await api.build.member({ organization }));
    const other = await api.as(await api.build.member());
    await repeat(LIMIT + 1, () => one.get('me'));
    expect((await one.get('me')).status).toBe(429);
    expect((await one.get('members')).status).toBe(200);
    expect((await other.get('me')).status).toBe(200);
  });

  it('counts services by key and by the person they act for', async () => {
    const service = await api.build.service(organization, ['act_as', 'members:manage']);
    const { id } = await api.build.member({ organization });
    await repeat(LIMIT + 1, () => service.get('members'));
    expect((await service.get('members')).status).toBe(429);
    expect((await service.with({ 'X-On-Behalf-Of': id }).get('members')).status).toBe(200);
  });

  it('counts requests that are refused with 403 too', async () => {
    const withoutScope = await api.build.service(organization, []);
    const noMember = await api.as({ organization, id: uuid() });
    for (const refused of [withoutScope, noMember]) {
      const answers = await repeat(LIMIT + 1, () => refused.get('members'));
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 429]);
      expect(Number(answers.at(-1)!.headers['retry-after'])).toBeGreaterThan(0);
    }
  });

  it('counts a request that fails validation once', async () => {
    const person = await api.as(await api.build.member({ organization }));
    const answers = await repeat(LIMIT + 1, () => person.get('members?limit=0'));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 429]);
  });

  it('refuses a request on behalf of a person before it is audited', async () => {
    const member = await api.build.member();
    const service = await api.build.service(member.organization, ['act_as']);
    const answers = await repeat(LIMIT + 2, () =>
      service
        .with({ 'X-On-Behalf-Of': member.id })
        .post('messages/send', { recipient: uuid(), content: 'x' }),
    );
    expect(answers.at(-1)!.status).toBe(429);
    const audited = await api.database.query(
      `SELECT FROM audit_entries WHERE organization_id = $1 AND action = 'act_as'`,
      [member.organization.id],
    );
    expect(audited).toHaveLength(LIMIT);
  });

  it('does not count health and metrics', async () => {
    const answers = await repeat(LIMIT + 3, () => api.withKey('td_wrong').get('/health/live'));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });
});

describe('CORS', () => {
  const preflight = (origin: string) =>
    api.anybody.with({ Origin: origin, 'Access-Control-Request-Method': 'PUT' }).send('OPTIONS', 'members/x');

  it('allows the listed origins, and no others', async () => {
    const listed = await preflight('https://app.example.com');
    expect(listed.headers['access-control-allow-origin']).toBe('https://app.example.com');
    expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
    expect((await preflight('null')).headers['access-control-allow-origin']).toBeUndefined();
  });
});
