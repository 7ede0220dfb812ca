import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createTidings } from '@tidings/client';
import { FakeFetch, json } from './fake-fetch.js';

/** Operations that a person may call, as METHOD path. */
async function operationsOfPeople(): Promise<string[]> {
  const { paths } = JSON.parse(await readFile('openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { 'x-allow': string[] }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { 'x-allow': allow }]) => allow.includes('person'))
      .map(
        ([method]) => `${method.toUpperCase()} ${path.replace('/api/v1/', '').replaceAll(/\{\w+\}/g, 'x')}`,
      ),
  );
}

/** The store follows changes by a WebSocket or by long polling: a third way would only make the client larger. */
const NOT_CALLED = ['GET realtime/stream'];

/** An id, a body and options at once. */
const ARGUMENT = { toString: () => 'x' };

it('the client has every route that a person may call, and no other', async () => {
  const fake = new FakeFetch(() => json({}));
  const tidings = createTidings({ url: 'https://t.example', getToken: () => 'token', fetch: fake.fetch });
  const groups = Object.values(tidings).filter(({ constructor }) => constructor.name.endsWith('Routes'));
  for (const group of groups as Record<string, unknown>[]) {
    for (const call of Object.values(group)) {
      if (typeof call === 'function') await call(ARGUMENT, ARGUMENT);
    }
  }
  const called = fake.sent.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  expect([...called, ...NOT_CALLED].toSorted()).toEqual((await operationsOfPeople()).toSorted());
});
