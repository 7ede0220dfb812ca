import { Problem, type ProblemCode } from '#problem';

/** What one role may do towards another: start a conversation, only reply, or nothing. */
export const ALLOWS = ['initiate', 'reply', 'deny'] as const;
export type Allows = (typeof ALLOWS)[number];

export interface Rule {
  allows: Allows;
  /** For reply: for how many days after the other person's last message. */
  replyWindowDays: number | null;
}

/** All facts that decide whether one person may write to another, at one moment of the database. */
export interface ContactFacts {
  /** No longer a member. */
  removed: boolean;
  blockedByMe: boolean;
  blocksMe: boolean;
  acceptsMessagesFrom: 'everyone' | 'known' | 'nobody';
  /** They have written to the asker, directly or in a group that both are in. */
  known: boolean;
  rule: Rule;
  /** When they last wrote in the direct thread with the asker. */
  wroteAt: Date | null;
}

export type ContactRefusal = Extract<
  ProblemCode,
  'not_found' | 'blocked_by_you' | 'role_not_allowed' | 'recipient_unavailable'
>;

const DAY_MILLISECONDS = 86_400_000;

/**
 * The only decision on who may write to whom. Private choices of the other person come last and share one answer, so
 * that a block cannot be distinguished from a person who accepts no messages.
 */
export function contactRefusal(facts: ContactFacts, now: Date): ContactRefusal | null {
  if (facts.removed) return 'not_found';
  if (facts.blockedByMe) return 'blocked_by_you';
  if (!permits(facts, now)) return 'role_not_allowed';
  const refuses =
    facts.acceptsMessagesFrom === 'nobody' || (facts.acceptsMessagesFrom === 'known' && !facts.known);
  return facts.blocksMe || refuses ? 'recipient_unavailable' : null;
}

function permits({ rule, wroteAt }: ContactFacts, now: Date): boolean {
  if (rule.allows !== 'reply') return rule.allows === 'initiate';
  if (!wroteAt) return false;
  const { replyWindowDays } = rule;
  return replyWindowDays === null || now.getTime() - wroteAt.getTime() <= replyWindowDays * DAY_MILLISECONDS;
}

/** The default rule: everybody may start a conversation, except that users may only reply to clinicians. */
export const defaultRule = (fromRole: string, toRole: string): Rule => ({
  allows: fromRole === 'user' && toRole === 'clinician' ? 'reply' : 'initiate',
  replyWindowDays: null,
});

export function assertReachable(facts: ContactFacts): void {
  const refusal = contactRefusal(facts, new Date());
  if (refusal) throw new Problem(refusal);
}

/** In an existing thread, a removed person accepts no messages. That is no reason for a 404. */
export function assertStillReachable(partner: ContactFacts | undefined): void {
  const refusal = partner ? contactRefusal(partner, new Date()) : 'not_found';
  if (refusal) throw new Problem(refusal === 'not_found' ? 'recipient_unavailable' : refusal);
}
