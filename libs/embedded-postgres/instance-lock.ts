import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

const RETRY_MILLISECONDS = 100;

/** Marks a PostgreSQL as used for as long as this process lives. */
export interface InstanceLock {
  /** Releases the lock once this last work is done. */
  end(last: () => Promise<void>): Promise<void>;
}

/**
 * Holds a lock with a session of its own. If PostgreSQL ends the session or restarts, both are acquired again as soon
 * as possible. Returns null if another process holds the lock.
 */
export async function acquireInstanceLock(url: string): Promise<InstanceLock | null> {
  let session = await lockedSession(url);
  if (!session) return null;
  let isEnding = false;
  const holding = (async () => {
    for (;;) {
      await (session ? ended(session) : delay(RETRY_MILLISECONDS));
      session = isEnding ? null : await lockedSession(url).catch(() => null);
      if (isEnding) return session?.end();
    }
  })();
  return {
    end: async (last) => {
      isEnding = true;
      try {
        await last();
      } finally {
        await session?.end();
        await holding;
      }
    },
  };
}

async function lockedSession(url: string): Promise<Client | null> {
  const session = new Client({
    connectionString: url,
    application_name: 'tidings keeper',
    connectionTimeoutMillis: 5000,
  });
  session.on('error', () => undefined);
  await session.connect();
  const { rows } = await session.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_lock(hashtext('tidings keeper')) AS locked`,
  );
  if (rows[0]?.locked) return session;
  await session.end();
  return null;
}

const ended = (session: Client): Promise<void> => new Promise((resolve) => void session.once('end', resolve));
