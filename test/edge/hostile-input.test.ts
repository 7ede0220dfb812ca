import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { Answer } from '../support/http.js';
import { apiRoutes, bodySchema, fill, nameOf } from '../support/routes.js';
import { BODIES, PATHS, QUERIES, VALUES } from './hostile-values.js';

const api = useApi();

let admin: Client;

beforeAll(async () => {
  const { admin: client } = await api.build.organizationWithAdmin();
  // So that whoever oversees is let in as far as to what is hostile.
  admin = client.with({ 'X-Access-Reason': 'a test' });
});

const NAMES = [
  'Authorization',
  'X-Api-Key',
  'X-Organization-Id',
  'X-On-Behalf-Of',
  'Idempotency-Key',
  'X-Request-Id',
];
const HEADER_VALUES = [
  '',
  ' ',
  'x'.repeat(300),
  '\u00ff',
  "'",
  'Bearer',
  'Bearer a.b.c',
  'td_',
  'null',
  '-1',
];
const HEADERS = NAMES.flatMap((name) => HEADER_VALUES.map((value) => [name, value] as const));

const clients = (): Client[] => [admin, api.platform()];
const isWrite = (method: string) => method !== 'GET' && method !== 'DELETE';

function expectNoFault(request: string, { status, headers, text }: Answer): void {
  expect(status, `${request} answered ${text}`).toBeLessThan(500);
  if (status < 400) return;
  expect(headers['content-type'], `${request} answered ${text}`).toContain('application/problem+json');
  expect(text, request).not.toMatch(/SELECT|INSERT|constraint|_pkey|_fkey|at \w+ \(|node_modules|pg_/);
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

  it('to hostile values in every known field', async () => {
    for (const route of apiRoutes(api.routes).filter(({ method }) => isWrite(method))) {
      const fields = Object.keys(bodySchema(api.document, route)?.properties ?? {});
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
    // Guards read them in the same way on each route, so every third route is enough for each.
    for (const [place, { method, path }] of apiRoutes(api.routes).entries()) {
      for (const [name, value] of HEADERS.filter((_, index) => (index + place) % 3 === 0)) {
        const client = api.platform().with({ [name]: value });
        const answer = await client.send(method, fill(path, uuid()), isWrite(method) ? {} : undefined);
        expectNoFault(`${method} ${path} with ${name}: ${value.slice(0, 20)}`, answer);
      }
    }
  });
});
