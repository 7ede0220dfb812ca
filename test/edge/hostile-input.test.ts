import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { Answer } from '../support/http.js';
import { apiRoutes, fill, nameOf } from '../support/routes.js';

const api = useApi();

const deep = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
const NUL = String.raw`\u0000`;
const LONE_SURROGATE = String.raw`\ud800`;

const VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '99999999999999999999',
  '0.5',
  '""',
  '" "',
  '[]',
  '{}',
  '[[[]]]',
  `"${NUL}"`,
  `"${LONE_SURROGATE}"`,
  '"2026-13-45T00:00:00Z"',
  '"2027-02-31T00:00:00Z"',
  '"not-a-uuid"',
  `"${'a'.repeat(50_000)}"`,
  String.raw`"\u200b"`,
  '["admin","admin"]',
  `{"$ne":null}`,
  `"' OR 1=1 --"`,
  '["*"]',
  '[null]',
  '{"toString":1}',
  '"00000000-0000-0000-0000-000000000000"',
];

const BODIES = [
  '',
  '{',
  '[]',
  'null',
  '"text"',
  '1',
  'NaN',
  deep(40),
  deep(9000),
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"x":1}}}',
  `{"${NUL}":1}`,
  `{"${LONE_SURROGATE}":1}`,
  '{"a":1,"a":2}',
  '{"organization_id":"00000000-0000-0000-0000-000000000000"}',
  '{"tenantId":1,"userId":2,"createdAt":3}',
];

const QUERIES = [
  'limit=0',
  'limit=-1',
  'limit=1000000000',
  'limit=1e3',
  'limit=',
  'limit=1&limit=2',
  'limit[]=1',
  'cursor=',
  'cursor=%00',
  'cursor=AAAA',
  'cursor=%F0%9F',
  `cursor=${'A'.repeat(600)}`,
  '__proto__=1',
  'query=%00',
  'query=%25%5C_',
  'role=%ED%A0%80',
  'limit=0x10',
  'unknown=1',
  '=',
  '&&&',
  '%',
  'limit=%32',
];

const PATHS = [
  '%00',
  '%zz',
  '%ED%A0%80',
  '..',
  '.',
  '%2e%2e%2f',
  'a'.repeat(600),
  "'",
  '%F0%9F%98%80',
  '00000000-0000-0000-0000-00000000000g',
  '-1',
  '*',
  '%20',
  '__proto__',
];

let admin: Client;

beforeAll(async () => {
  const organization = await api.build.organization();
  admin = await api.as(await api.build.member({ organization, role: 'admin' }));
});

const clients = (): Client[] => [admin, api.platform()];
const isWrite = (method: string) => method !== 'GET' && method !== 'DELETE';

function expectNoFault(told: string, { status, headers, text }: Answer): void {
  expect(status, `${told} answered ${text}`).toBeLessThan(500);
  if (status < 400) return;
  expect(headers['content-type'], `${told} answered ${text}`).toContain('application/problem+json');
  expect(text, told).not.toMatch(/SELECT|INSERT|constraint|_pkey|_fkey|at \w+ \(|node_modules|pg_/);
}

describe('no route answers 5xx, or anything but problem+json,', () => {
  it('to hostile bodies', async () => {
    for (const { method, path } of apiRoutes(api.routes).filter((route) => isWrite(route.method))) {
      for (const client of clients()) {
        for (const body of BODIES) {
          const answer = await client.send(method, fill(path, uuid()), body);
          expectNoFault(`${method} ${path} with ${body.slice(0, 60)}`, answer);
        }
      }
    }
  });

  it('to hostile values in every field that it knows', async () => {
    for (const route of apiRoutes(api.routes).filter(({ method }) => isWrite(method))) {
      const fields = Object.keys(schemaOf(route.method, route.path)?.properties ?? {});
      for (const field of fields) {
        for (const value of VALUES) {
          const body = `{"${field}":${value}}`;
          const answer = await admin.send(route.method, fill(route.path, uuid()), body);
          expectNoFault(`${nameOf(route)} with ${body.slice(0, 60)}`, answer);
        }
      }
    }
  });

  it('to hostile queries', async () => {
    for (const { method, path } of apiRoutes(api.routes).filter((route) => route.method === 'GET')) {
      for (const query of QUERIES)
        expectNoFault(`${path}?${query}`, await admin.send(method, `${fill(path, 'theo')}?${query}`));
    }
  });

  it('to hostile paths', async () => {
    for (const { method, path } of apiRoutes(api.routes).filter((route) => route.path.includes(':'))) {
      for (const client of clients()) {
        for (const part of PATHS) {
          const answer = await client.send(method, fill(path, part), isWrite(method) ? {} : undefined);
          expectNoFault(`${method} ${fill(path, part)}`, answer);
        }
      }
    }
  });

  it('to hostile headers', async () => {
    const headers = [
      'Authorization',
      'X-Api-Key',
      'X-Organization-Id',
      'X-On-Behalf-Of',
      'Idempotency-Key',
      'X-Request-Id',
    ];
    for (const { method, path } of apiRoutes(api.routes)) {
      for (const name of headers) {
        for (const value of [
          '',
          ' ',
          'x'.repeat(300),
          '\u00ff',
          "'",
          'Bearer',
          'Bearer a.b.c',
          'td_',
          'null',
        ]) {
          const answer = await api
            .platform()
            .with({ [name]: value })
            .send(method, fill(path, uuid()), isWrite(method) ? {} : undefined);
          expectNoFault(`${method} ${path} with ${name}: ${value.slice(0, 20)}`, answer);
        }
      }
    }
  });
});

function schemaOf(method: string, path: string) {
  const operation = api.document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase() as 'put'];
  const content = (operation?.requestBody as any)?.content?.['application/json'];
  const name = content?.schema?.$ref?.split('/').at(-1);
  return name && (api.document.components?.schemas?.[name] as { properties?: object });
}
