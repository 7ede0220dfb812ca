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
export interface Reach {
  /** No member any more. */
  removed: boolean;
  /**
   * False for a removed or hidden person, and for one who blocks me, unless I share a thread with them, block them or
   * manage members. Whoever is not nameable looks like somebody who does not exist.
   */
  nameable: boolean;
  blockedByMe: boolean;
  blocksMe: boolean;
  acceptsMessagesFrom: 'everyone' | 'known' | 'nobody';
  /** They have written to me, or in a group that we are both in. */
  known: boolean;
  rule: Rule;
  /** When they last wrote in the direct thread with me. */
  wroteAt: Date | null;
}

export type Refusal = Extract<
  ProblemCode,
  'not_found' | 'blocked_by_you' | 'role_not_allowed' | 'recipient_unavailable'
>;

const DAY_MILLISECONDS = 86_400_000;

/**
 * The one decision on who may write to whom. What the other one has chosen in private comes last and in one
 * answer, so that a block cannot be told from a person who takes no messages.
 */
export function refusalOf(reach: Reach, now: Date): Refusal | null {
  if (reach.removed) return 'not_found';
  if (reach.blockedByMe) return 'blocked_by_you';
  if (!reach.nameable) return 'not_found';
  if (!permits(reach, now)) return 'role_not_allowed';
  const refuses =
    reach.acceptsMessagesFrom === 'nobody' || (reach.acceptsMessagesFrom === 'known' && !reach.known);
  return reach.blocksMe || refuses ? 'recipient_unavailable' : null;
}

function permits({ rule, wroteAt }: Reach, now: Date): boolean {
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

export function assertReachable(reach: Reach): void {
  const refusal = refusalOf(reach, new Date());
  if (refusal) throw new Problem(refusal);
}

/** In a thread that there is, somebody who is no longer here takes no messages; that is no reason for a 404. */
export function assertStillReachable(partner: Reach | undefined): void {
  const refusal = partner ? refusalOf(partner, new Date()) : 'not_found';
  if (refusal) throw new Problem(refusal === 'not_found' ? 'recipient_unavailable' : refusal);
}
