import { DatabaseError as PostgresError } from 'pg';
import { Problem } from '#problem';

/** The error beneath TypeORM, which wraps every error of a query in one of its own. */
export function causeOf(error: unknown): unknown {
  return (error as { driverError?: unknown } | null)?.driverError ?? error;
}

/** The SQLSTATE if PostgreSQL raised the error. Codes of sockets, such as EPIPE, are not SQLSTATEs. */
export function sqlStateOf(error: unknown): string | undefined {
  const cause = causeOf(error);
  return cause instanceof PostgresError ? cause.code : undefined;
}

/** The constraint that was violated. */
export function constraintOf(error: unknown): string | undefined {
  const cause = causeOf(error);
  return cause instanceof PostgresError ? cause.constraint : undefined;
}

export const UNIQUE_VIOLATION = '23505';
export const FOREIGN_KEY_VIOLATION = '23503';
export const LOCK_NOT_AVAILABLE = '55P03';
export const isLockTimeout = (error: unknown): boolean => sqlStateOf(error) === LOCK_NOT_AVAILABLE;
const IN_FAILED_TRANSACTION = '25P02';
/** The statement failed because another one before it in the transaction had. */
export const isAborted = (error: unknown): boolean => sqlStateOf(error) === IN_FAILED_TRANSACTION;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

/** True if PostgreSQL aborted the transaction only because of others, so that a retry may succeed. */
export const isWorthRetrying = (error: unknown): boolean =>
  [SERIALIZATION_FAILURE, DEADLOCK_DETECTED].includes(sqlStateOf(error) ?? '');

/** Cancelled, shut down, out of resources, or cut off: another transaction would fail the same way. */
const OUTAGES = ['08', '25', '53', '57'];

/** True if a single item of the batch may be at fault, so that items can be retried one by one. */
export function retryIndividually(error: unknown): boolean {
  const state = sqlStateOf(error);
  return error instanceof Problem || (state !== undefined && !OUTAGES.includes(state.slice(0, 2)));
}
