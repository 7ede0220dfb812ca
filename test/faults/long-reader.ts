import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';

/** Longer than any request may wait: whoever waits for its end waits too long. */
const READING_MILLISECONDS = 2000;
const RESTING_MILLISECONDS = 800;

/** Does the work while somebody reads all tables in a long transaction, lets go for a moment, and begins anew. */
export async function besideLongReader<T>(url: string, work: () => Promise<T>): Promise<T> {
  const pool = new Pool({ connectionString: url, max: 1, options: '-c search_path=tidings' });
  const end = new AbortController();
  const reading = (async () => {
    while (!end.signal.aborted) await readOnce(pool, end.signal);
  })();
  try {
    return await work();
  } finally {
    end.abort();
    await reading;
    await pool.end();
  }
}

async function readOnce(pool: Pool, signal: AbortSignal): Promise<void> {
  const client = await pool.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'tidings'::regnamespace AND relkind = 'r'`,
  );
  const reads = rows.map(({ name }) => `SELECT FROM ${name} LIMIT 1`);
  // A table that goes away in between ends the transaction early, which is soon begun anew.
  await client.query(['BEGIN', ...reads].join('; ')).catch(() => undefined);
  await delay(READING_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  await client.query('ROLLBACK');
  client.release();
  await delay(RESTING_MILLISECONDS, undefined, { signal }).catch(() => undefined);
}
