import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Writes outside of the lib that has the entity of the table, each with its reason. */
const WRITTEN_ELSEWHERE: Record<string, string[]> = {
  // The count of direct threads, in the transaction that changes it.
  members: ['messaging'],
  // tx.record, in the transaction that causes the event.
  outbox: ['database'],
};

/** Reads outside of that lib: set-based statements that would otherwise ask once per row. */
const READ_ELSEWHERE: Record<string, string[]> = {
  api_keys: ['webhooks'],
  dead_letters: ['stats'],
  deliveries: ['stats'],
  member_words: ['blocking'],
  members: ['blocking', 'delivery', 'messaging', 'notifications', 'preferences', 'stats', 'webhooks'],
  // Notifications of a message are written in the transaction that sends it, under its locks.
  messages: ['notifications', 'stats'],
  notifications: ['delivery'],
  organization_preferences: ['delivery'],
  organizations: ['delivery', 'email'],
  participants: ['delivery', 'notifications'],
  push_subscriptions: ['delivery', 'notifications'],
  roles: ['messaging', 'notifications', 'webhooks'],
  threads: ['notifications', 'stats'],
  webhook_endpoints: ['delivery', 'notifications'],
};

const LIBS = new URL('../../libs/', import.meta.url).pathname;

/** The code of each lib, all files together. */
const code = new Map(
  readdirSync(LIBS).map((lib) => [
    lib,
    readdirSync(join(LIBS, lib), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(LIBS, lib, file), 'utf8'))
      .join('\n'),
  ]),
);

const namesIn = (text: string, pattern: RegExp): Set<string> =>
  new Set([...text.matchAll(pattern)].map(([, name]) => name!));

const owners = new Map(
  [...code].flatMap(([lib, text]) =>
    [...namesIn(text, /@Entity\('(\w+)'\)/g)].map((table) => [table, lib] as const),
  ),
);

/** By table, the libs that do not own it and whose SQL names it in this way. */
function elsewhere(pattern: RegExp): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [lib, text] of code) {
    for (const table of namesIn(text, pattern)) {
      if (owners.has(table) && owners.get(table) !== lib) (found[table] ??= []).push(lib);
    }
  }
  for (const libs of Object.values(found)) libs.sort();
  return found;
}

it('every table has an entity in exactly one lib', () => {
  const tables = namesIn(
    readFileSync(new URL('../../schema.sql', import.meta.url), 'utf8'),
    /^CREATE TABLE (\w+)/gm,
  );
  tables.delete('migrations');
  expect([...tables].filter((table) => !owners.has(table))).toEqual([]);
});

it('every table is written by its own lib, and by others only as listed', () => {
  expect(elsewhere(/(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)/g)).toEqual(WRITTEN_ELSEWHERE);
});

it('every table is read by its own lib, and by others only as listed', () => {
  expect(elsewhere(/(?<!DELETE )(?:FROM|JOIN)\s+(\w+)/g)).toEqual(READ_ELSEWHERE);
});
