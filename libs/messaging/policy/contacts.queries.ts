import { OWN_BLOCKERS, hasBlocked } from '#blocking';
import type { Transaction } from '#database';
import { type PersonCaller, isId, usernameKey } from '#identity';
import { Problem, notFound } from '#problem';
import { type Allows, type ContactFacts, defaultRule } from './contact-policy.js';

export interface Contact extends ContactFacts {
  userId: string;
  username: string;
  /** The username of the asker. */
  ownUsername: string;
  /** The direct thread with them, if both are in one. */
  threadId: string | null;
}

interface ContactRow {
  at: number;
  user_id: string;
  username: string;
  own_username: string;
  removed: boolean;
  blocked_by_me: boolean;
  blocks_me: boolean;
  accepts_messages_from: ContactFacts['acceptsMessagesFrom'];
  known: boolean;
  from_role: string;
  to_role: string | null;
  allows: Allows | null;
  reply_window_days: number | null;
  wrote_at: Date | null;
  thread_id: string | null;
}

/** How the other person is identified in a query of asker and other person. */
const ASKED = {
  byId: { asked: '(at, asker_id, other_id)', type: 'uuid', other: 'user_id = other_id' },
  byUsername: {
    asked: '(at, asker_id, other_key)',
    type: 'text',
    other: 'username_key = other_key AND removed_at IS NULL',
  },
  byThread: {
    asked: '(at, asker_id, in_thread_id)',
    type: 'uuid',
    other: `user_id = (SELECT partner_id FROM participants
      WHERE organization_id = $1 AND thread_id = in_thread_id AND user_id = asker_id)`,
  },
};

/**
 * SQL: whether the other person blocks the asker. Policies hide that from the asker, who needs a SECURITY DEFINER
 * function.
 */
const BLOCKS_ME = {
  ofPerson: `other.user_id IN (${OWN_BLOCKERS})`,
  ofOrganization: hasBlocked('other.user_id', 'asker_id'),
};

type By = keyof typeof ASKED;
export type ContactScope = keyof typeof BLOCKS_ME;

/**
 * One query for one person or a thousand. It reads the same rows whether one of them blocks the asker or not, so that
 * its duration reveals nothing. OFFSET 0 looks each row up: a plan, which is made once for all organizations, might
 * read a whole organization.
 */
const contactQuery = (by: By, scope: ContactScope): string => `
  SELECT at, other.user_id, other.username, me.username AS own_username, other.removed_at IS NOT NULL AS removed,
         ${hasBlocked('asker_id', 'other.user_id')} AS blocked_by_me, ${BLOCKS_ME[scope]} AS blocks_me,
         other.accepts_messages_from,
         theirs.last_sent_at IS NOT NULL OR EXISTS (
           SELECT FROM participants AS mine JOIN participants AS written
             ON written.organization_id = $1 AND written.thread_id = mine.thread_id
                AND written.user_id = other.user_id AND written.last_sent_at IS NOT NULL
           WHERE other.accepts_messages_from = 'known' AND mine.organization_id = $1 AND mine.user_id = asker_id
             AND mine.partner_id IS NULL AND mine.hidden_at IS NULL AND mine.left_at IS NULL) AS known,
         me.role AS from_role, other.role AS to_role, rule.allows, rule.reply_window_days,
         theirs.last_sent_at AS wrote_at, CASE WHEN theirs.user_id IS NOT NULL THEN thread.id END AS thread_id
  FROM unnest($2::integer[], $3::uuid[], $4::${ASKED[by].type}[]) AS asked ${ASKED[by].asked}
  CROSS JOIN LATERAL (
    SELECT username, role FROM members WHERE organization_id = $1 AND user_id = asker_id OFFSET 0) AS me
  CROSS JOIN LATERAL (
    SELECT user_id, username, role, removed_at, accepts_messages_from FROM members
    WHERE organization_id = $1 AND ${ASKED[by].other} OFFSET 0) AS other
  LEFT JOIN messaging_rules AS rule
    ON rule.organization_id = $1 AND rule.from_role = me.role AND rule.to_role = other.role
  LEFT JOIN LATERAL (
    SELECT id FROM threads WHERE organization_id = $1 AND kind = 'direct'
      AND pair_low = least(other.user_id, asker_id) AND pair_high = greatest(other.user_id, asker_id)
      AND EXISTS (SELECT FROM participants
        WHERE organization_id = $1 AND thread_id = threads.id AND user_id = asker_id OFFSET 0)
    OFFSET 0) AS thread ON true
  LEFT JOIN LATERAL (
    SELECT user_id, last_sent_at FROM participants
    WHERE organization_id = $1 AND thread_id = thread.id AND user_id = other.user_id OFFSET 0) AS theirs ON true`;

const contactQueriesWith = (scope: ContactScope): Record<By, string> => ({
  byId: contactQuery('byId', scope),
  byUsername: contactQuery('byUsername', scope),
  byThread: contactQuery('byThread', scope),
});
const CONTACT_QUERIES = {
  ofPerson: contactQueriesWith('ofPerson'),
  ofOrganization: contactQueriesWith('ofOrganization'),
};

/** A person who wants to write to another one, named by id or username, or to the other one of a direct thread. */
export type Asked = { askerId: string } & ({ person: string } | { threadId: string });

/** The contact facts of each, in the given order. */
export async function findContacts(
  tx: Transaction,
  scope: ContactScope,
  asked: Asked[],
): Promise<(Contact | undefined)[]> {
  const named = asked.map((one, at) => ({ at, askerId: one.askerId, ...nameOf(one) }));
  const found: (Contact | undefined)[] = asked.map(() => undefined);
  const ask = async (by: By) => {
    const some = named.filter((one) => one.by === by);
    if (some.length === 0) return;
    const rows = await tx.query<ContactRow>(CONTACT_QUERIES[scope][by], [
      tx.organizationId,
      some.map(({ at }) => at),
      some.map(({ askerId }) => askerId),
      some.map(({ name }) => name),
    ]);
    for (const row of rows) found[row.at] = toContact(row);
  };
  await Promise.all([ask('byId'), ask('byUsername'), ask('byThread')]);
  return found;
}

function nameOf(asked: Asked): { by: By; name: string } {
  if ('threadId' in asked) return { by: 'byThread', name: asked.threadId };
  const { person } = asked;
  return isId(person)
    ? { by: 'byId', name: person.toLowerCase() }
    : { by: 'byUsername', name: usernameKey(person) };
}

/** The same for one asker and several people. */
export const findContact = (
  tx: Transaction,
  { userId }: PersonCaller,
  persons: string[],
): Promise<(Contact | undefined)[]> =>
  findContacts(
    tx,
    'ofPerson',
    persons.map((person) => ({ askerId: userId, person })),
  );

/** The contact facts of the other person of a direct thread. */
export async function findPartnerFacts(
  tx: Transaction,
  { userId }: PersonCaller,
  threadId: string,
): Promise<ContactFacts | undefined> {
  const [partner] = await findContacts(tx, 'ofPerson', [{ askerId: userId, threadId }]);
  return partner;
}

function toContact(row: ContactRow): Contact {
  return {
    userId: row.user_id,
    username: row.username,
    ownUsername: row.own_username,
    threadId: row.thread_id,
    removed: row.removed,
    blockedByMe: row.blocked_by_me,
    blocksMe: row.blocks_me,
    acceptsMessagesFrom: row.accepts_messages_from,
    known: row.known,
    rule: row.allows
      ? { allows: row.allows, replyWindowDays: row.reply_window_days }
      : defaultRule(row.from_role, row.to_role ?? ''),
    wroteAt: row.wrote_at,
  };
}

/** The person that a request names. The caller's own name is a mistake (400), and an unknown one is not found (404). */
export async function findContactOrFail(
  tx: Transaction,
  caller: PersonCaller,
  person: string,
): Promise<Contact> {
  const [contact] = await findContact(tx, caller, [person]);
  if (!contact) throw notFound();
  if (contact.userId === caller.userId) {
    throw new Problem('validation_failed', 'You cannot write to yourself: name another person.');
  }
  return contact;
}
