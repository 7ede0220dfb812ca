import type { Transaction } from '#database';
import { Problem } from '#problem';
import { type LockedThread, MAX_PARTICIPANTS } from './participants.queries.js';

/** With those who have left. Each page of messages reads the rows of all of them, so they have a limit too. */
const MAX_PARTICIPANTS_EVER = 5000;
/** How often one person can be added. */
const MAX_STAYS = 100;
const MAX_SUBJECTS = 1000;
/** The limit of app_person_at_group_limit(). */
const MAX_GROUPS = 5000;

/** Throws if the person cannot be added to the locked group. */
export async function assertMayJoin(
  tx: Transaction,
  threadId: string,
  userId: string,
  { participant_count }: LockedThread,
): Promise<void> {
  if (participant_count >= MAX_PARTICIPANTS) {
    throw new Problem('conflict', `A group has at most ${MAX_PARTICIPANTS} people: remove somebody first.`);
  }
  const [known] = await tx.query<{ stays: number | null; people: number }>(
    `SELECT (SELECT (SELECT count(*) FROM unnest(earlier_stays))::integer FROM participants
             WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3) AS stays,
            (SELECT count(*) FROM (
               SELECT FROM participants WHERE organization_id = $1 AND thread_id = $2 LIMIT $4) AS row)::integer AS people`,
    [tx.organizationId, threadId, userId, MAX_PARTICIPANTS_EVER],
  );
  const { stays, people } = known!;
  if (stays === null && people >= MAX_PARTICIPANTS_EVER) {
    throw new Problem(
      'conflict',
      `${MAX_PARTICIPANTS_EVER} people have been in this group: start a new one.`,
    );
  }
  if (stays !== null && stays >= MAX_STAYS) {
    throw new Problem('conflict', 'This person was added to this group too often: start a new one.');
  }
  await assertMayHaveGroups(tx, [userId]);
}

/**
 * Throws if one of these people has too many groups in their list. Lists and pages of threads read the rows of all of
 * them, also of groups that the person has left.
 */
export async function assertMayHaveGroups(tx: Transaction, userIds: string[]): Promise<void> {
  const [found] = await tx.query<{ person: string | null }>(
    'SELECT app_person_at_group_limit($1) AS person',
    [userIds],
  );
  if (found!.person === null) return;
  throw new Problem(
    'conflict',
    `${found!.person} has ${MAX_GROUPS} groups in their list: they have to leave one and remove it from the list first.`,
  );
}

/** Throws if the locked group cannot get another subject: earlier ones are kept for those who have left. */
export function assertMayRename({ subject_version }: LockedThread): void {
  if (subject_version >= MAX_SUBJECTS) {
    throw new Problem('conflict', `A group can be renamed ${MAX_SUBJECTS} times: start a new one.`);
  }
}
