import { expect } from 'vitest';
import type { TestApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import type { Answer } from '../support/http.js';
import type { Person } from './crowd.js';
import { findDrift } from './drift.js';

/** Runs all concurrently. If one fails, the others end before the error is thrown. */
export async function times<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled(Array.from({ length: count }, (_, index) => make(index)));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Each answer that there was, once. */
export const codesOf = (answers: Answer[]): string[] => [
  ...new Set(answers.map(({ status, body }) => `${status} ${body?.code ?? ''}`.trim())),
];

export const serverErrors = (answers: Answer[]): string[] =>
  answers.filter(({ status }) => status >= 500).map(({ text }) => text);

export async function expectNoDrift(api: TestApi, { id }: TestOrganization, people: Person[]): Promise<void> {
  const ids = people.map((person) => person.id);
  expect(await findDrift(api.database, id, ids)).toEqual([]);
}

export async function startGroup([owner, ...others]: Person[]): Promise<string> {
  const participant_ids = others.map(({ id }) => id);
  return (await owner!.client.post('messages/threads', { participant_ids, subject: 'Us' })).body.id as string;
}

/**
 * Has a send of this person, or a block of theirs, wait for its locks, with everything read that decides on it, while
 * something else happens.
 */
export async function duringSend<T>(
  api: TestApi,
  organization: TestOrganization,
  sender: { id: string },
  send: () => Promise<Answer>,
  meanwhile: () => Promise<T>,
): Promise<[sent: Answer, T]> {
  const lock = [`${organization.id} sends of ${sender.id}`];
  const waiting = () =>
    api.database.query(
      `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
       WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`,
    );
  await api.database.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', lock);
  let sending: Promise<Answer>;
  let result: T;
  try {
    sending = send();
    await expect.poll(waiting, { interval: 5 }).toHaveLength(1);
    result = await meanwhile();
  } finally {
    await api.database.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', lock);
  }
  return [await sending, result];
}
