import type { Transaction } from '#database';
import type { Decisions } from './decisions.js';
import { type Telling, insertNotifications } from './writing.repository.js';

export interface Told {
  id?: string;
  userId: string;
  mutedUntil: Date | null;
  isRead: boolean;
  aggregationId: string | null;
}

/** Decides for each person and channel, and writes what was decided with the notification. Answers how many were new. */
export async function tell(tx: Transaction, telling: Telling, people: Told[]): Promise<number> {
  const recipients = people.map(({ mutedUntil, ...person }) => {
    const decisions = decide(mutedUntil);
    return { ...person, decisions, isShown: decisions['in_app']?.value === 'on' };
  });
  return (await insertNotifications(tx, telling, recipients)).length;
}

function decide(mutedUntil: Date | null): Decisions {
  const isMuted = mutedUntil !== null && mutedUntil > new Date();
  return {
    in_app: {
      value: isMuted ? 'off' : 'on',
      rule: isMuted ? 'thread.muted' : 'type.default',
      delayed_until: null,
    },
  };
}
