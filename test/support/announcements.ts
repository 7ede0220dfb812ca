import type { TestDatabase } from './database.js';

/** As while NOTIFY is lost: for five seconds processes go on with the members and roles that they know. */
export async function withoutAnnouncements(
  database: TestDatabase,
  work: () => Promise<unknown>,
): Promise<void> {
  const switchTriggers = (how: 'DISABLE' | 'ENABLE') =>
    database.query(
      `ALTER TABLE members ${how} TRIGGER announce_member; ALTER TABLE roles ${how} TRIGGER announce_role`,
    );
  await switchTriggers('DISABLE');
  await work();
  await switchTriggers('ENABLE');
}
