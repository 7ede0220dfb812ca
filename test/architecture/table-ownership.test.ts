import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Code, foreignReads, foreignWrites, ownersOf } from './foreign-statements.js';

/** Writes outside of the lib that has the entity of the table, each with its reason. */
const WRITTEN_ELSEWHERE: Record<string, string[]> = {
  // The count of direct threads, in the transaction that changes it.
  members: ['messaging'],
  // tx.record, in the transaction that causes the event.
  outbox: ['database'],
  // retentionBy, whose callers count as writers. The documents of preferences, in tables of that lib.
  '${table}': ['database', 'preferences'],
};

/** Reads outside of that lib: set-based statements that would otherwise ask once per row. */
const READ_ELSEWHERE: Record<string, string[]> = {
  api_keys: ['webhooks'],
  dead_letters: ['stats'],
  deliveries: ['stats'],
  member_words: ['blocking'],
  members: [
    'blocking',
    'change-log',
    'delivery',
    'messaging',
    'notifications',
    'preferences',
    'realtime',
    'stats',
    'webhooks',
  ],
  // Notifications of a message are written in the transaction that sends it, under its locks.
  messages: ['notifications', 'stats'],
  notifications: ['delivery'],
  organization_preferences: ['delivery'],
  organizations: ['delivery', 'email'],
  // Whom a change concerns.
  participants: ['change-log', 'delivery', 'notifications', 'realtime'],
  push_subscriptions: ['delivery', 'notifications'],
  roles: ['messaging', 'notifications', 'webhooks'],
  threads: ['notifications', 'realtime', 'stats'],
  webhook_endpoints: ['delivery', 'notifications'],
};

const LIBS = new URL('../../libs/', import.meta.url).pathname;

const code: Code = new Map(
  readdirSync(LIBS).map((lib) => [
    lib,
    readdirSync(join(LIBS, lib), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(LIBS, lib, file), 'utf8'))
      .join('\n'),
  ]),
);

it('every table has an entity in exactly one lib', () => {
  const schema = readFileSync(new URL('../../schema.sql', import.meta.url), 'utf8');
  const tables = [...schema.matchAll(/^CREATE (?:UNLOGGED )?TABLE (\w+) \(/gm)].map(([, table]) => table!);
  const owners = ownersOf(code);
  expect(tables.filter((table) => table !== 'migrations' && !owners.has(table))).toEqual([]);
});

it('every table is written by its own lib, and by others only as listed', () => {
  expect(foreignWrites(code)).toEqual(WRITTEN_ELSEWHERE);
});

it('every table is read by its own lib, and by others only as listed', () => {
  expect(foreignReads(code)).toEqual(READ_ELSEWHERE);
});

describe('the search for statements on tables of other libs', () => {
  const withShop = (shop: string): Code =>
    new Map([
      ['stock', "@Entity('goods') class Goods {}\n`UPDATE goods SET price = 1`; `SELECT FROM goods`"],
      ['shop', shop],
    ]);

  it.each([
    ['an insert', '`INSERT INTO goods VALUES (1)`'],
    ['an update', '`WITH changed AS (UPDATE goods SET price = 2) SELECT`'],
    ['a deletion on two lines', '`DELETE FROM\n  goods WHERE price = 3`'],
    ['a retention rule', "retentionBy('goods', 'sold_at', ['id'])"],
  ])('finds %s', (_kind, statement) => {
    expect(foreignWrites(withShop(statement))).toEqual({ goods: ['shop'] });
    expect(foreignReads(withShop(statement))).toEqual({});
  });

  it('finds a write of an interpolated table', () => {
    expect(foreignWrites(withShop('`DELETE FROM ${table} WHERE true`'))).toEqual({ '${table}': ['shop'] });
  });

  it.each([
    ['a read', '`SELECT FROM goods`'],
    ['a join', '`SELECT FROM visits JOIN goods ON true`'],
  ])('finds %s', (_kind, statement) => {
    expect(foreignReads(withShop(statement))).toEqual({ goods: ['shop'] });
    expect(foreignWrites(withShop(statement))).toEqual({});
  });

  it('finds nothing in the lib of the table, nor in statements on no table', () => {
    const own = withShop('`UPDATE bargains SET price = 1`; `SELECT FROM bargains`');
    expect([foreignWrites(own), foreignReads(own)]).toEqual([{}, {}]);
  });
});
