import { readFile } from 'node:fs/promises';
import type { Sent } from './fake-fetch.js';

/** Operations of openapi.json for some callers, as METHOD path. */
export async function operations(isFor: (allowed: string[]) => boolean): Promise<string[]> {
  const { paths } = JSON.parse(await readFile('openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { 'x-allow': string[] }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { 'x-allow': allowed }]) => isFor(allowed))
      .map(
        ([method]) => `${method.toUpperCase()} ${path.replace('/api/v1/', '').replaceAll(/\{\w+\}/g, 'x')}`,
      ),
  );
}

export const isForPeople = (allowed: string[]): boolean => allowed.includes('person');

/** The store follows changes by a WebSocket or by long polling: a third way would only make the client larger. */
const NOT_CALLED = ['GET realtime/stream'];

export const operationsOfPeople = async (): Promise<string[]> =>
  (await operations(isForPeople)).filter((operation) => !NOT_CALLED.includes(operation));

/** An id, a body and options at once. */
const ARGUMENT = { toString: () => 'x' };

/** Calls every function of the groups of routes. */
export async function callAll(client: object): Promise<void> {
  const groups = Object.values(client).filter((value: object) => value.constructor.name.endsWith('Routes'));
  for (const group of groups as Record<string, unknown>[]) {
    for (const call of Object.values(group)) {
      if (typeof call === 'function') await call(ARGUMENT, ARGUMENT, ARGUMENT);
    }
  }
}

export const called = (sent: Sent[]): string[] =>
  sent.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
