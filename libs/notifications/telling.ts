import type { Transaction } from '#database';
import { type Decisions, type ManySources, findPreferences, resolve } from '#preferences';
import { type Recipient, type Telling, insertNotifications } from './writing.repository.js';

export type Told = Omit<Recipient, 'decisions' | 'isShown'> & {
  /** Of the thread that it is about, where they have muted it. */
  mutedUntil: Date | null;
};

/** Decides for each person and channel, and writes what was decided with the notification. Answers how many were new. */
export async function tell(tx: Transaction, telling: Telling, people: Told[]): Promise<number> {
  if (people.length === 0) return 0;
  const preferences = await preferencesOf(
    tx,
    people.map(({ userId }) => userId),
    telling.type,
  );
  const at = new Date();
  const recipients = people.map(({ mutedUntil, ...person }): Recipient => {
    const sources = preferences.people.get(person.userId)!;
    const decisions: Decisions = resolve(sources, { at, priority: telling.priority, mutedUntil });
    return { ...person, decisions, isShown: decisions.in_app.value === 'on' };
  });
  const told = (await insertNotifications(tx, telling, recipients)).map(({ user_id }) => user_id).toSorted();
  const [first, last] = [told[0], told.at(-1)];
  if (first !== undefined && last !== undefined) {
    tx.record('notification.created', {
      source_id: telling.sourceId,
      first_user_id: first,
      last_user_id: last,
    });
  }
  return told.length;
}

/** What a type that is gone meanwhile was asked for is told, and kept, like anything else of the system. */
export const TYPE_OF_LAST_RESORT = 'SYSTEM';

async function preferencesOf(tx: Transaction, userIds: string[], type: string): Promise<ManySources> {
  return (
    (await findPreferences(tx, userIds, type)) ?? (await findPreferences(tx, userIds, TYPE_OF_LAST_RESORT))!
  );
}
