import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isOwn } from './nil-user.js';
import { alsoRequire, tenantTable } from './rls.js';

/** In a key, where there is no group or no actor. */
const NONE = `'00000000-0000-0000-0000-000000000000'::uuid`;
const KEY = 'organization_id, user_id, type, aggregation_id, actor_id';

const SHOWN = 'deleted_at IS NULL AND suppressed_at IS NULL';
const UNREAD = `read_at IS NULL AND archived_at IS NULL AND ${SHOWN}`;
const READ = `read_at IS NOT NULL AND archived_at IS NULL AND ${SHOWN}`;
const ARCHIVED = `archived_at IS NOT NULL AND ${SHOWN}`;

/** How many are unread is kept by type, group and actor, so that a count does not grow with what it counts. */
export class CountUnreadNotifications1763640017000 implements MigrationInterface {
  name = 'CountUnreadNotifications1763640017000';

  async up(runner: QueryRunner): Promise<void> {
    await createCounts(runner);
    await keepTimesInOrder(runner);
    await count(runner);
    for (const [event, rows] of Object.entries(EVENTS)) await keepCounts(runner, event, rows);
    await replaceIndexes(runner, OLD_INDEXES, NEW_INDEXES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceIndexes(runner, NEW_INDEXES, OLD_INDEXES);
    for (const event of Object.keys(EVENTS)) {
      await runner.query(`DROP FUNCTION count_unread_on_${event.toLowerCase()}() CASCADE`);
    }
    await runner.query('ALTER TABLE feeds DROP COLUMN last_created_at');
    await runner.query('DROP TABLE unread_counts');
  }
}

async function createCounts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE unread_counts (
      organization_id uuid NOT NULL,
      user_id uuid NOT NULL,
      type text NOT NULL,
      aggregation_id uuid NOT NULL,
      actor_id uuid NOT NULL,
      unread bigint NOT NULL,
      CONSTRAINT unread_counts_pkey PRIMARY KEY (${KEY}),
      CONSTRAINT unread_counts_member_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES members (organization_id, user_id) ON DELETE CASCADE
    )`);
  await runner.query('ALTER TABLE unread_counts SET (fillfactor = 70)');
  await tenantTable(runner, 'unread_counts', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
  await alsoRequire(runner, 'unread_counts', 'own', isOwn('user_id'));
}

/** In the order of seq, so that a page ends where what is older than a time begins. */
async function keepTimesInOrder(runner: QueryRunner): Promise<void> {
  await runner.query('ALTER TABLE feeds ADD COLUMN last_created_at timestamptz NOT NULL DEFAULT now()');
  await pastPolicies(runner, ['notifications'], () =>
    runner.query(`
      UPDATE notifications SET created_at = earlier.newest FROM (
        SELECT organization_id, user_id, seq,
               max(created_at) OVER (PARTITION BY organization_id, user_id ORDER BY seq) AS newest
        FROM notifications) AS earlier
      WHERE notifications.organization_id = earlier.organization_id AND notifications.user_id = earlier.user_id
        AND notifications.seq = earlier.seq AND created_at < newest`),
  );
}

const COUNTED = `
  SELECT organization_id, user_id, type, coalesce(aggregation_id, ${NONE}) AS aggregation_id,
         coalesce(actor_id, ${NONE}) AS actor_id`;

async function count(runner: QueryRunner): Promise<void> {
  await pastPolicies(runner, ['notifications', 'unread_counts'], () =>
    runner.query(`
      INSERT INTO unread_counts (${KEY}, unread)
      ${COUNTED}, count(*) FROM notifications WHERE ${UNREAD} GROUP BY 1, 2, 3, 4, 5`),
  );
}

/** Also the owner is held to the policies, and there is none for it. */
async function pastPolicies(
  runner: QueryRunner,
  tables: string[],
  work: () => Promise<unknown>,
): Promise<void> {
  for (const table of tables) await runner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  await work();
  for (const table of tables) await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
}

const steps = (rows: Record<string, 1 | -1>): string => `
  SELECT ${KEY}, sum(step) AS step FROM (
    ${Object.entries(rows)
      .map(([table, step]) => `${COUNTED}, ${step} AS step FROM ${table} WHERE ${UNREAD}`)
      .join(' UNION ALL ')}
  ) AS each GROUP BY ${KEY} HAVING sum(step) <> 0`;

const isOf = (step: string): string =>
  KEY.split(', ')
    .map((column) => `known.${column} = ${step}.${column}`)
    .join(' AND ');

const EVENTS: Record<string, Record<string, 1 | -1>> = {
  INSERT: { added: 1 },
  UPDATE: { added: 1, removed: -1 },
  DELETE: { removed: -1 },
};

/**
 * Whatever statement changes notifications, the counts change with it; locked in the order of their keys, so that
 * two of them cannot wait for each other. Where a whole person is deleted their counts may be gone before.
 */
async function keepCounts(runner: QueryRunner, event: string, rows: Record<string, 1 | -1>): Promise<void> {
  const name = `count_unread_on_${event.toLowerCase()}`;
  const change =
    event === 'DELETE'
      ? `PERFORM FROM tidings.unread_counts AS known JOIN (${steps(rows)}) AS each ON ${isOf('each')}
         ORDER BY known.user_id, known.type, known.aggregation_id, known.actor_id FOR UPDATE OF known;
         UPDATE tidings.unread_counts AS known SET unread = known.unread + each.step
         FROM (${steps(rows)}) AS each WHERE ${isOf('each')};`
      : `INSERT INTO tidings.unread_counts AS known (${KEY}, unread)
         SELECT ${KEY}, step FROM (${steps(rows)}) AS each ORDER BY ${KEY}
         ON CONFLICT (${KEY}) DO UPDATE SET unread = known.unread + excluded.unread;`;
  const cleanUp = `DELETE FROM tidings.unread_counts AS known USING (${steps(rows)}) AS each
                   WHERE known.unread = 0 AND ${isOf('each')};`;
  await runner.query(`
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $function$
    BEGIN
      ${change}
      ${event === 'INSERT' ? '' : cleanUp}
      RETURN NULL;
    END $function$`);
  const tables = { added: 'NEW TABLE AS added', removed: 'OLD TABLE AS removed' };
  const referencing = Object.keys(rows).map((table) => tables[table as 'added' | 'removed']);
  await runner.query(`
    CREATE TRIGGER ${name} AFTER ${event} ON notifications REFERENCING ${referencing.join(' ')}
    FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`);
}

type Indexes = Record<string, string>;

async function replaceIndexes(runner: QueryRunner, before: Indexes, after: Indexes): Promise<void> {
  for (const name of Object.keys(before)) await runner.query(`DROP INDEX ${name}`);
  for (const [name, definition] of Object.entries(after)) {
    await runner.query(`CREATE INDEX ${name} ON notifications ${definition}`);
  }
}

const OLD_INDEXES: Indexes = {
  notifications_unread: `(organization_id, user_id, seq, type, actor_id, expires_at) WHERE ${UNREAD}`,
  notifications_type: '(organization_id, user_id, type, seq)',
  notifications_aggregation: '(organization_id, user_id, aggregation_id, seq)',
};

/** Of each status its own, so that a page of one does not pass by all others; with what else decides who sees it. */
const byStatus = (name: string, condition: string): Indexes => ({
  [name]: `(organization_id, user_id, seq, actor_id, expires_at) WHERE ${condition}`,
  [`${name}_type`]: `(organization_id, user_id, type, seq, actor_id, expires_at) WHERE ${condition}`,
});

const NEW_INDEXES: Indexes = {
  ...byStatus('notifications_unread', UNREAD),
  ...byStatus('notifications_read', READ),
  ...byStatus('notifications_archived', ARCHIVED),
  notifications_unread_group: `(organization_id, user_id, type, aggregation_id, seq, actor_id, expires_at) WHERE ${UNREAD}`,
  notifications_suppressed: `(organization_id, user_id, aggregation_id, seq) WHERE suppressed_at IS NOT NULL AND read_at IS NULL AND deleted_at IS NULL`,
  notifications_unread_expiring: `(organization_id, user_id, expires_at, type, aggregation_id, actor_id) WHERE ${UNREAD} AND expires_at IS NOT NULL`,
  notifications_expiring: '(organization_id, expires_at) WHERE expires_at IS NOT NULL AND deleted_at IS NULL',
};
