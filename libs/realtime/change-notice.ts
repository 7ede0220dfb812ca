/** People whose ids are in a range, including both ends. It is usually one person, given twice. */
export type UserIdRange = [first: string, last: string];

/** The people of an organization who may have something new. */
export type OrganizationNotice = [organizationId: string, ranges: UserIdRange[]];

/** The same by organization. A notice that is too wide only causes an empty query. */
export type ChangeNotice = Map<string, UserIdRange[]>;

/** The payload of NOTIFY must be shorter than 8000 bytes. */
export const MAX_BYTES = 7900;

/** People are named one by one up to this many, and beyond it by the range of their ids. */
const MAX_NAMED = 20;

export function rangesOf(userIds: string[]): UserIdRange[] {
  if (userIds.length <= MAX_NAMED) return userIds.map((userId) => [userId, userId]);
  const inOrder = userIds.toSorted();
  return [[inOrder[0]!, inOrder.at(-1)!]];
}

/** null means everybody. */
export const isNamed = (ranges: UserIdRange[] | null, userId: string): boolean =>
  ranges === null || ranges.some(([first, last]) => userId >= first && userId <= last);

/** One notice for all. */
export function encodeAll(notices: OrganizationNotice[]): string[] {
  const notice: ChangeNotice = new Map();
  for (const [organizationId, ranges] of notices) {
    const known = notice.get(organizationId) ?? [];
    known.push(...ranges);
    notice.set(organizationId, known);
  }
  return [encode(notice)];
}

/** Names whole organizations, or everybody, if there are too many ranges. */
export function encode(notice: ChangeNotice): string {
  const organizations = [...notice.keys()].map((organizationId) => [organizationId, null]);
  return [[...notice], organizations].map((encoded) => JSON.stringify(encoded)).find(isShort) ?? EVERYBODY;
}

const EVERYBODY = '';

const isShort = (payload: string): boolean => Buffer.byteLength(payload) <= MAX_BYTES;

/** Returns undefined for everybody. Ranges are null for everybody of an organization. */
export function decode(
  payload: string,
): [organizationId: string, ranges: UserIdRange[] | null][] | undefined {
  return payload === EVERYBODY ? undefined : (JSON.parse(payload) as [string, UserIdRange[] | null][]);
}
