import { readFileSync } from 'node:fs';
import type { OpenAPIObject } from '@nestjs/swagger';
import { asyncProperty, assert, constant, constantFrom, oneof } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Processes } from '../start/processes.js';
import type { Server } from '../support/process.js';
import { createSchemaCheck } from '../support/schema-check.js';
import { print, scaled } from './figures.js';
import { type Operation, operationsOf, requestsOf } from './request-arbitraries.js';

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as OpenAPIObject;
const operations = operationsOf(document);
const INPUTS = scaled(25, 500);

const ORGANIZATION = '0199a000-0000-7000-8000-000000000001';

const processes = new Processes();
const answers = new Map<number, number>();
const reached = new Set<string>();
let server: Server;
let callers: Record<'admin' | 'user' | 'platform' | 'service', Record<string, string>>;

beforeAll(async () => {
  const { url } = await processes.database();
  server = await processes.serve({ DATABASE_URL: url, AUTH_MODE: 'dev', DEMO: 'true', RATE_LIMIT: 'off' });
  const platform = { 'X-Api-Key': 'the-platform-key-of-development-only' };
  callers = {
    admin: await server.signIn('ada'),
    user: await server.signIn('uma'),
    platform,
    service: { ...platform, 'X-Organization-Id': ORGANIZATION, 'X-On-Behalf-Of': 'theo' },
  };
});

afterAll(async () => {
  const counts = [...answers]
    .toSorted(([one], [other]) => one - other)
    .map(([status, count]) => [`answers with ${status}`, count] as const);
  print('fuzz', {
    routes: operations.length,
    'inputs each': INPUTS,
    ...Object.fromEntries(counts),
    'routes that did as asked': reached.size,
  });
  await processes.cleanUp();
});

const check = createSchemaCheck(document);

/** Mostly somebody who may. */
const callersOf = ({ isForPlatform }: Operation) =>
  oneof(
    { weight: 4, arbitrary: constant(isForPlatform ? ('platform' as const) : ('admin' as const)) },
    { weight: 1, arbitrary: constantFrom('admin' as const, 'user' as const, 'service' as const) },
  );

describe('generated input gets documented responses and no 5xx', () => {
  it.each(operations)('at $method $path', async (operation) => {
    const { method, path } = operation;
    const property = asyncProperty(
      requestsOf(document, operation),
      callersOf(operation),
      async (request, caller) => {
        const headers = { ...request.headers, ...callers[caller] };
        const answer = await server.send(method, request.path, headers, request.body);
        const { status, text } = answer;
        answers.set(status, (answers.get(status) ?? 0) + 1);
        if (status < 300) reached.add(`${method} ${path}`);
        expect(status, text).toBeLessThan(500);
        if (status >= 400) expect(answer.headers['content-type']).toContain('application/problem+json');
        check(request, answer);
      },
    );
    await assert(property, { numRuns: INPUTS });
  });

  it('and succeeds on most routes', () => {
    // Some need the id of something that is rarely there: which of them find one is left to chance.
    expect(reached.size).toBeGreaterThan(operations.length * 0.75);
  });
});
