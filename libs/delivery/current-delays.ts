import type { Transaction } from '#database';
import { delayAt, findChoices } from '#preferences';
import type { DeliverableNotification } from './plan.js';

/**
 * A pause may have ended between the decision about a notification and the planning of its deliveries. The event of
 * that end then found nothing to release, so delayed deliveries are delayed again by the current preferences.
 */
export async function withCurrentDelays(
  tx: Transaction,
  notifications: DeliverableNotification[],
): Promise<DeliverableNotification[]> {
  const delayed = notifications.filter(
    ({ decisions: { email, web_push } }) => email.delayed_until ?? web_push.delayed_until,
  );
  if (delayed.length === 0) return notifications;
  const { now, people } = await findChoices(tx, [...new Set(delayed.map(({ user_id }) => user_id))]);
  return notifications.map((one) => {
    const choices = delayed.includes(one) && people.get(one.user_id);
    return choices
      ? { ...one, decisions: delayedUntil(one.decisions, delayAt(choices, now)?.until ?? null) }
      : one;
  });
}

const delayedUntil = (
  decisions: DeliverableNotification['decisions'],
  delayed_until: Date | null,
): DeliverableNotification['decisions'] => ({
  ...decisions,
  email: { ...decisions.email, delayed_until },
  web_push: { ...decisions.web_push, delayed_until },
});
