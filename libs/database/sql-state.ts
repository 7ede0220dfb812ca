import { DatabaseError as PostgresError } from 'pg';

/** What went wrong beneath TypeORM, which wraps every error of a query in one of its own. */
export function causeOf(error: unknown): unknown {
  return (error as { driverError?: unknown } | null)?.driverError ?? error;
}

/** The SQLSTATE, if PostgreSQL itself refused; the codes of sockets, EPIPE say, are none. */
export function sqlStateOf(error: unknown): string | undefined {
  const cause = causeOf(error);
  return cause instanceof PostgresError ? cause.code : undefined;
}

/** The constraint that PostgreSQL found violated. */
export function constraintOf(error: unknown): string | undefined {
  const cause = causeOf(error);
  return cause instanceof PostgresError ? cause.constraint : undefined;
}

export const UNIQUE_VIOLATION = '23505';
export const FOREIGN_KEY_VIOLATION = '23503';
export const LOCK_NOT_AVAILABLE = '55P03';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

/** PostgreSQL gave up on this transaction only because of others: the same work may well succeed now. */
export const isWorthRetrying = (error: unknown): boolean =>
  [SERIALIZATION_FAILURE, DEADLOCK_DETECTED].includes(sqlStateOf(error) ?? '');
