import type { Transaction } from '#database';
import { type Decisions, type ManySources, type Sources, findPreferences, resolve } from '#preferences';
import type { FeedSignal } from './feed-signal.js';
import { type Addresses, findAddresses, hasWebhooks, isReachable } from './reachability.queries.js';
import { type NotificationDraft, type Recipient, insertNotifications } from './insert.queries.js';

export type UndecidedRecipient = Omit<Recipient, 'decisions' | 'isShown'> & {
  /** Until when the person has muted the thread of the notification. null if they have not, or without a thread. */
  mutedUntil: Date | null;
};

export type UndecidedDraft = NotificationDraft & { people: UndecidedRecipient[] };
export type DecidedDraft = NotificationDraft & { recipients: Recipient[] };

/** Decides about each person and channel, inserts the notifications, and returns how many were new. */
export async function createNotifications(
  tx: Transaction,
  feeds: FeedSignal,
  type: string,
  drafts: UndecidedDraft[],
): Promise<number> {
  const userIds = [...new Set(drafts.flatMap(({ people }) => people.map(({ userId }) => userId)))];
  if (userIds.length === 0) return 0;
  const [preferences, addresses, hasWebhook] = await Promise.all([
    preferencesOf(tx, userIds, type),
    findAddresses(tx, userIds),
    hasWebhooks(tx),
  ]);
  const decide = decider(preferences.now);
  const decided = drafts.map((draft) =>
    decideDraft(draft, ({ userId, mutedUntil }) =>
      decide(preferences.people.get(userId)!, draft.priority, mutedUntil),
    ),
  );
  const created = await insertNotifications(tx, type, decided);
  const createdKeys = new Set(created.map(({ source_id, user_id }) => `${source_id} ${user_id}`));
  publishCreated(tx, feeds, {
    drafts: decided.map(({ recipients, ...draft }) => ({
      ...draft,
      recipients: recipients.filter(({ userId }) => createdKeys.has(`${draft.sourceId} ${userId}`)),
    })),
    addresses,
    hasWebhook,
  });
  return created.length;
}

export const decideDraft = (
  { people, ...draft }: UndecidedDraft,
  decide: (person: UndecidedRecipient) => Decisions,
): DecidedDraft => ({
  ...draft,
  recipients: people.map((person) => {
    const decisions = decide(person);
    return { ...person, decisions, isShown: decisions.in_app.value === 'on' };
  }),
});

/** Decides for one type. Most people have chosen the same, which is nothing: it is decided once for all of them. */
export function decider(at: Date) {
  const known = new Map<string, Decisions>();
  return (sources: Sources, priority: NotificationDraft['priority'], mutedUntil: Date | null): Decisions => {
    const key = JSON.stringify([sources.person, sources.time_zone, priority, mutedUntil]);
    const decisions = known.get(key) ?? resolve(sources, { at, priority, mutedUntil });
    known.set(key, decisions);
    return decisions;
  };
}

interface Created {
  drafts: DecidedDraft[];
  addresses: Map<string, Addresses>;
  hasWebhook: boolean;
}

/**
 * Wakes the WebSockets after the commit. Records notification.created only if a recipient may have to be reached by
 * e-mail, web push or webhook, which is rare.
 */
export function publishCreated(
  tx: Transaction,
  feeds: FeedSignal,
  { drafts, addresses, hasWebhook }: Created,
): void {
  const userIds = [...new Set(drafts.flatMap(({ recipients }) => recipients.map(({ userId }) => userId)))];
  if (userIds.length === 0) return;
  tx.onCommit(() => feeds.changed(tx.organizationId, userIds));
  for (const [source_id, some] of Map.groupBy(drafts, ({ sourceId }) => sourceId)) {
    const reachable = some
      .flatMap(({ recipients }) => recipients)
      .filter(({ userId, decisions }) => isReachable(decisions, addresses.get(userId), hasWebhook))
      .map(({ userId }) => userId)
      .toSorted();
    if (reachable.length === 0) continue;
    tx.record('notification.created', {
      source_id,
      first_user_id: reachable[0]!,
      last_user_id: reachable.at(-1)!,
      count: reachable.length,
    });
  }
}

/** Used if the type was deleted meanwhile. */
export const FALLBACK_TYPE = 'SYSTEM';

async function preferencesOf(tx: Transaction, userIds: string[], type: string): Promise<ManySources> {
  return (await findPreferences(tx, userIds, type)) ?? (await findPreferences(tx, userIds, FALLBACK_TYPE))!;
}
