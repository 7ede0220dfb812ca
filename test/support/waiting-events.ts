import { OutboxSignal } from '#database';
import type { TestApi } from './api.js';

/** During the work events are recorded for later, as while no worker runs. Afterwards all are due at once. */
export async function whileEventsWait(
  { app, database }: TestApi,
  work: () => Promise<unknown>,
): Promise<void> {
  await database.query(`
    CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.run_at = 'infinity'; RETURN new; END $$;
    CREATE TRIGGER later BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION later()`);
  try {
    await work();
  } finally {
    await database.query('DROP TRIGGER later ON outbox; DROP FUNCTION later()');
  }
  await database.query('UPDATE outbox SET run_at = now()');
  app.get(OutboxSignal).nudge();
}
