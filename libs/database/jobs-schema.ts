import { PgBoss } from 'pg-boss';
import type { Client } from 'pg';
import { OWNER_ROLE, RELAY_ROLE, sessionOptions } from './connection.js';

/** Where pg-boss keeps its jobs, which carry ids and nothing else of the domain. */
export const JOBS_SCHEMA = 'tidings_jobs';

/** Nothing of what pg-boss can do at times of its own: the worker looks for what is lost, and nothing is rebuilt. */
export const QUIET = { createSchema: false, schedule: false, reindex: false, monitorVacuum: false } as const;

/** Installs or updates the queue as its owner, so that workers need not be allowed to. */
export async function prepareJobs(url: string, client: Client): Promise<void> {
  await client.query(
    `DO $$ BEGIN
       IF to_regnamespace('${JOBS_SCHEMA}') IS NULL THEN
         CREATE SCHEMA ${JOBS_SCHEMA} AUTHORIZATION ${OWNER_ROLE};
       END IF;
     END $$`,
  );
  const boss = new PgBoss({
    ...QUIET,
    connectionString: url,
    options: sessionOptions(OWNER_ROLE),
    application_name: 'tidings migrate',
    schema: JOBS_SCHEMA,
    max: 1,
    supervise: false,
  });
  await boss.start();
  await boss.stop({ graceful: false });
  await client.query(
    `SET ROLE ${OWNER_ROLE};
     GRANT USAGE ON SCHEMA ${JOBS_SCHEMA} TO ${RELAY_ROLE};
     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${JOBS_SCHEMA} TO ${RELAY_ROLE};
     GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${JOBS_SCHEMA} TO ${RELAY_ROLE};
     RESET ROLE`,
  );
}
