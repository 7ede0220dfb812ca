import { Parameters, type Transaction } from '#database';
import { IS_VISIBLE, type Member, isShort, personCondition, prefixOf, startOf, wordsOf } from '#identity';
import { OWN_BLOCKERS } from './block-conditions.queries.js';

export interface Viewer {
  /** The person who looks, who always finds themselves; undefined for a service. */
  userId?: string;
  /** Managers find everybody. */
  isManager: boolean;
}

export type Profile = Pick<Member, 'user_id' | 'username' | 'username_key' | 'display_name' | 'role'>;

const PROFILE = 'members.user_id, members.username, members.username_key, members.display_name, members.role';

/**
 * Hides people with a hidden profile and people who have blocked the viewer. The CASE checks for a block even if the
 * profile is hidden, so that the response time does not distinguish the two.
 */
const visibleTo = (viewer: string, table: string): string =>
  `(${table}.user_id = ${viewer} OR CASE WHEN ${table}.user_id IN (${OWN_BLOCKERS}) THEN false
      ELSE ${table}.profile_visibility = 'organization' END)`;

/**
 * Reads the blockers even if nobody has this name, so that the response time does not distinguish hidden from unknown.
 */
export async function findVisible(
  tx: Transaction,
  person: string,
  viewer: Viewer,
): Promise<Profile | undefined> {
  const [condition, value] = personCondition(person, '$2');
  const visible = viewer.isManager
    ? 'true'
    : `(members.user_id = $3
        OR CASE WHEN members.user_id = ANY (blockers.ids) THEN false ELSE profile_visibility = 'organization' END)`;
  const [member] = await tx.query<Profile>(
    `SELECT ${PROFILE}
     FROM (SELECT ARRAY(${OWN_BLOCKERS}) AS ids OFFSET 0) AS blockers
     CROSS JOIN LATERAL (
       SELECT * FROM members WHERE organization_id = $1 AND ${condition} AND removed_at IS NULL OFFSET 0) AS members
     WHERE ${visible}`,
    [tx.organizationId, value, ...(viewer.isManager ? [] : [viewer.userId])],
  );
  return member;
}

export interface DirectoryPage {
  /** Each must be the beginning of a word in the member's names. undefined lists all members. */
  words?: string[];
  role?: string;
  after?: string;
  limit: number;
}

/** In the order of usernames. The statement contains only the given filters, so that an index serves each page. */
export async function listVisible(
  tx: Transaction,
  viewer: Viewer,
  { words, role, after, limit }: DirectoryPage,
): Promise<Profile[]> {
  if (words?.length === 0) return [];
  const parameters = new Parameters(tx.organizationId, limit);
  const self = viewer.isManager ? undefined : parameters.add(viewer.userId);
  const filters = [
    'organization_id = $1',
    ...parameters.optional('role =', role),
    ...parameters.optional('username_key >', after),
  ];
  const members = words
    ? membersFound([...filters, ...matches(words, parameters)], self)
    : `(${self ? visibleMembers(filters, self) : allMembers(filters)}) AS members`;
  return tx.query<Profile>(
    `SELECT ${PROFILE} FROM ${members} ORDER BY members.username_key LIMIT $2`,
    parameters.values,
  );
}

const membersFound = (conditions: string[], viewer: string | undefined): string => `
  (SELECT first.user_id FROM member_words AS first
   WHERE ${[...conditions, ...(viewer ? [visibleTo(viewer, 'first')] : [])].join(' AND ')}
   ORDER BY first.username_key LIMIT $2) AS found
  CROSS JOIN LATERAL (
    SELECT * FROM members WHERE organization_id = $1 AND user_id = found.user_id OFFSET 0) AS members`;

const allMembers = (filters: string[]): string =>
  `SELECT * FROM members WHERE ${filters.join(' AND ')} AND removed_at IS NULL`;

/** The index leaves out hidden profiles. One of them may be the viewer's, which is looked up. */
const visibleMembers = (filters: string[], viewer: string): string => `
  (SELECT * FROM members
   WHERE ${filters.join(' AND ')} AND ${IS_VISIBLE} AND user_id NOT IN (${OWN_BLOCKERS})
   ORDER BY username_key LIMIT $2)
  UNION ALL
  SELECT * FROM members
  WHERE ${filters.join(' AND ')} AND user_id = ${viewer} AND removed_at IS NULL AND profile_visibility = 'hidden'`;

const MAX_WORDS = 10;

/** The longest first. Leaves out a word that another one begins with, because it restricts nothing. */
export function searchedWords(query: string): string[] {
  const words = wordsOf(query).toSorted((one, other) => other.length - one.length);
  return words
    .filter((word, index) => !words.slice(0, index).some((longer) => longer.startsWith(word)))
    .slice(0, MAX_WORDS);
}

/** A word that more members have than this counts as common. */
const COMMON = 1000;

/**
 * Puts the word of the fewest members first, because a search reads all members of its first word and checks the other
 * words for each. Of several common words the longest comes first, because it is probably the rarest.
 */
export async function rarestFirst(tx: Transaction, words: string[]): Promise<string[]> {
  const counts = await tx.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM (
       SELECT FROM member_words WHERE organization_id = $1 AND member_words.prefix = asked.prefix LIMIT $3) AS found
     ) AS count
     FROM unnest($2::text[]) WITH ORDINALITY AS asked (prefix, place) ORDER BY place`,
    [tx.organizationId, words.map(prefixOf), COMMON],
  );
  const countOf = new Map(words.map((word, at) => [word, counts[at]!.count]));
  return words.toSorted((one, other) => countOf.get(one)! - countOf.get(other)!);
}

/** The conditions that for each word the member has a word that begins with it. */
function matches([first, ...others]: string[], parameters: Parameters): string[] {
  const begins = (table: string, word: string): string =>
    [
      `${table}.prefix = ${parameters.add(prefixOf(word))}`,
      ...(isShort(word) ? [] : [`strpos(${table}.words, ${parameters.add(startOf(word))}) > 0`]),
    ].join(' AND ');
  return [
    begins('first', first!),
    ...others.map(
      (word) => `EXISTS (SELECT FROM member_words AS another
        WHERE another.organization_id = $1 AND another.username_key = first.username_key
          AND ${begins('another', word)} OFFSET 0)`,
    ),
  ];
}
