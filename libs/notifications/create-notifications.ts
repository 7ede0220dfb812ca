import type { Transaction } from '#database';
import { type Decisions, type ManySources, type Sources, findPreferences, resolve } from '#preferences';
import { type Recipient, type NotificationDraft, insertNotifications } from './writing.queries.js';

export type UndecidedRecipient = Omit<Recipient, 'decisions' | 'isShown'> & {
  /** Of the thread that it is about, where they have muted it. */
  mutedUntil: Date | null;
};

/**
 * Decides for each person and channel, and writes what was decided with the notification; whoever is told of several
 * is told in their order. Answers how many notifications were new.
 */
export async function createNotifications(
  tx: Transaction,
  type: string,
  drafts: (NotificationDraft & { people: UndecidedRecipient[] })[],
): Promise<number> {
  const userIds = new Set(drafts.flatMap(({ people }) => people.map(({ userId }) => userId)));
  if (userIds.size === 0) return 0;
  const preferences = await preferencesOf(tx, [...userIds], type);
  const decide = decider(preferences.now);
  const decided = drafts.map(({ people, ...draft }) => ({
    ...draft,
    recipients: people.map(({ mutedUntil, ...person }): Recipient => {
      const decisions = decide(preferences.people.get(person.userId)!, draft.priority, mutedUntil);
      return { ...person, decisions, isShown: decisions.in_app.value === 'on' };
    }),
  }));
  const created = await insertNotifications(tx, type, decided);
  for (const [sourceId, told] of Map.groupBy(created, ({ source_id }) => source_id)) {
    const userIdsTold = told.map(({ user_id }) => user_id).toSorted();
    tx.record('notification.created', {
      source_id: sourceId,
      first_user_id: userIdsTold[0]!,
      last_user_id: userIdsTold.at(-1)!,
      count: told.length,
    });
  }
  return created.length;
}

/** Of one type. Most people have chosen the same, which is nothing: it is decided once for all of them. */
function decider(at: Date) {
  const known = new Map<string, Decisions>();
  return (sources: Sources, priority: NotificationDraft['priority'], mutedUntil: Date | null): Decisions => {
    const key = JSON.stringify([sources.person, sources.time_zone, priority, mutedUntil]);
    const decisions = known.get(key) ?? resolve(sources, { at, priority, mutedUntil });
    known.set(key, decisions);
    return decisions;
  };
}

/** What a type that is gone meanwhile was asked for is told, and kept, like anything else of the system. */
export const FALLBACK_TYPE = 'SYSTEM';

async function preferencesOf(tx: Transaction, userIds: string[], type: string): Promise<ManySources> {
  return (await findPreferences(tx, userIds, type)) ?? (await findPreferences(tx, userIds, FALLBACK_TYPE))!;
}
