import { Problem, type ProblemCode } from '#problem';

/** What one role may do towards another: write first, answer where the other has written, or nothing. */
export const ALLOWS = ['initiate', 'reply', 'deny'] as const;
export type Allows = (typeof ALLOWS)[number];

export interface Rule {
  allows: Allows;
  /** For reply: for how many days after the other's last message. */
  replyWindowDays: number | null;
}

/** All that decides whether one person may write to another, as the database has it at one moment. */
export interface ContactFacts {
  /** No member any more. */
  removed: boolean;
  blockedByMe: boolean;
  blocksMe: boolean;
  acceptsMessagesFrom: 'everyone' | 'known' | 'nobody';
  /** They have written to me, or in a group that we are both in. */
  known: boolean;
  rule: Rule;
  /** When they last wrote in the direct thread with me. */
  wroteAt: Date | null;
}

export type ContactRefusal = Extract<
  ProblemCode,
  'not_found' | 'blocked_by_you' | 'role_not_allowed' | 'recipient_unavailable'
>;

const DAY_MILLISECONDS = 86_400_000;

/**
 * The one decision on who may write to whom. What the other one has chosen in private comes last and in one
 * answer, so that a block cannot be told from a person who takes no messages.
 */
export function contactRefusal(reach: ContactFacts, now: Date): ContactRefusal | null {
  if (reach.removed) return 'not_found';
  if (reach.blockedByMe) return 'blocked_by_you';
  if (!permits(reach, now)) return 'role_not_allowed';
  const refuses =
    reach.acceptsMessagesFrom === 'nobody' || (reach.acceptsMessagesFrom === 'known' && !reach.known);
  return reach.blocksMe || refuses ? 'recipient_unavailable' : null;
}

function permits({ rule, wroteAt }: ContactFacts, now: Date): boolean {
  if (rule.allows !== 'reply') return rule.allows === 'initiate';
  if (!wroteAt) return false;
  const { replyWindowDays } = rule;
  return replyWindowDays === null || now.getTime() - wroteAt.getTime() <= replyWindowDays * DAY_MILLISECONDS;
}

/** Where an organization has not decided otherwise, all may write first, but for users to clinicians. */
export const defaultRule = (fromRole: string, toRole: string): Rule => ({
  allows: fromRole === 'user' && toRole === 'clinician' ? 'reply' : 'initiate',
  replyWindowDays: null,
});

export function assertReachable(reach: ContactFacts): void {
  const refusal = contactRefusal(reach, new Date());
  if (refusal) throw new Problem(refusal);
}

/** In a thread that there is, somebody who is no longer here takes no messages; that is no reason for a 404. */
export function assertStillReachable(partner: ContactFacts | undefined): void {
  const refusal = partner ? contactRefusal(partner, new Date()) : 'not_found';
  if (refusal) throw new Problem(refusal === 'not_found' ? 'recipient_unavailable' : refusal);
}
