export { CONNECTIONS_AMONG_OTHERS, POOL_SIZE } from './connection.js';
export { CommitSignal } from './commit-signal.js';
export { DatabaseError } from './database-error.js';
export { DatabaseModule } from './database.module.js';
export { Database } from './database.js';
export { deleteIdempotencyKeys } from './idempotency.js';
export { LeaderLock } from './leader-lock.js';
export { migrateDown, migrateUp } from './migrations.js';
export { OutboxSignal } from './outbox-signal.js';
export { type Page, type PageAfter, type PageBefore, fetchPage } from './page.js';
export { Parameters } from './parameters.js';
export { PgListener } from './pg-listener.js';
export { Reachability } from './reachability.js';
export { assertServable } from './readiness.js';
export { RelayPool } from './relay-pool.js';
export { type RetentionRule, retentionBy } from './retention.js';
export {
  FOREIGN_KEY_VIOLATION,
  causeOf,
  constraintOf,
  isAborted,
  isLockTimeout,
  sqlStateOf,
} from './sql-state.js';
export type { Tenant } from './tenant.js';
export { type Transaction, awaitInOrder } from './transaction.js';
export { DATABASE_URLS, type DatabaseUrls } from './urls.js';
