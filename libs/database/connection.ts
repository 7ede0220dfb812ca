import { types } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { ResilientClient } from './resilient-client.js';

/** The roles that Tidings works as. None can log in: a session switches to one, whatever login opened it. */
export const OWNER_ROLE = 'tidings_owner';
export const REQUEST_ROLE = 'tidings_request';
export const RELAY_ROLE = 'tidings_relay';
export const SCHEMA = 'tidings';

export type DatabaseRole = typeof OWNER_ROLE | typeof REQUEST_ROLE | typeof RELAY_ROLE;

/**
 * Milliseconds. A request must fail while its caller still waits. A migration may run long but must never queue long.
 * PostgreSQL detects deadlocks after a second, so requests wait longer than that for a lock, or no deadlock would
 * ever be found. A migration gives up much sooner, because later statements wait behind it until it does.
 */
const TIMEOUTS: Record<DatabaseRole, Record<string, number>> = {
  [REQUEST_ROLE]: { statement_timeout: 5000, lock_timeout: 2000, idle_in_transaction_session_timeout: 10000 },
  [RELAY_ROLE]: { statement_timeout: 8000, lock_timeout: 1000, idle_in_transaction_session_timeout: 10000 },
  [OWNER_ROLE]: { lock_timeout: 300 },
};

/**
 * How long the relay waits for a response. It is longer than statement_timeout, so only a server that is gone exceeds
 * it.
 */
export const RELAY_QUERY_TIMEOUT_MILLISECONDS = 10_000;

/**
 * Requests and the relay send the same few statements again and again. Each is planned once per connection, for any
 * values, and never compiled. Such a plan lasts, so it must not scan a whole table because that was empty then.
 */
const PLANNED_ONCE = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' };

/**
 * The relay joins a few claimed rows and looks them up by their keys. The planner cannot know how few: if it expects
 * many, a merge join would read a whole index.
 */
const LOOKED_UP = { enable_hashjoin: 'off', enable_mergejoin: 'off' };

const PLANNING: Partial<Record<DatabaseRole, Record<string, string>>> = {
  [REQUEST_ROLE]: PLANNED_ONCE,
  [RELAY_ROLE]: { ...PLANNED_ONCE, ...LOOKED_UP },
};

/** The options are part of the start packet, so they hold from the first statement and after RESET. */
export function sessionOptions(role: DatabaseRole): string {
  const settings = { role, search_path: SCHEMA, ...TIMEOUTS[role], ...PLANNING[role] };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

const BIGINT = 20;

/** Parses bigint as number, because counts and positions stay far below 2^53. */
const getTypeParser = ((type: number, format: 'text') =>
  type === BIGINT ? Number : types.getTypeParser(type, format)) as typeof types.getTypeParser;

export const POOL_SIZE = 16;

/** A new connection plans all its statements again, so one that is not used for a while stays open. */
const IDLE_MILLISECONDS = 600_000;

/** How many connections of the pool may serve credentials that are not verified yet. */
export const UNVERIFIED_CONNECTIONS = 3;

/** How many connections one organization may hold, so that others always find one. */
export const CONNECTIONS_PER_ORGANIZATION = 10;

/**
 * The limit while others ask for connections too. The statements of many connections at once occupy the processors,
 * so that others are late even if they find a connection.
 */
export const CONNECTIONS_AMONG_OTHERS = 2;

/** How long a transaction waits for a connection, and a new connection for PostgreSQL to accept it. */
export const CONNECTION_TIMEOUT_MILLISECONDS = 5000;

export function requestDataSource(url: string, onPoolError: (error: Error) => void) {
  return {
    type: 'postgres' as const,
    url,
    schema: SCHEMA,
    installExtensions: false,
    poolErrorHandler: onPoolError,
    extra: {
      options: sessionOptions(REQUEST_ROLE),
      application_name: 'tidings',
      max: POOL_SIZE,
      idleTimeoutMillis: IDLE_MILLISECONDS,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MILLISECONDS,
      pipeline: true,
      query_timeout: 8000,
      types: { getTypeParser },
      Client: ResilientClient,
    },
  } satisfies DataSourceOptions;
}

export function ownerDataSource(url: string, migrations: readonly MigrationClass[]) {
  return {
    type: 'postgres' as const,
    url,
    schema: SCHEMA,
    installExtensions: false,
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    extra: { options: sessionOptions(OWNER_ROLE), application_name: 'tidings migrate', max: 2 },
  } satisfies DataSourceOptions;
}

export type MigrationClass = new () => import('typeorm').MigrationInterface;
