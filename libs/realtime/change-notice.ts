/** People whose ids are in a range, including both ends. It is usually one person, given twice. */
export type UserIdRange = [first: string, last: string];

/** The people who may have something new, by organization. A notice that is too wide only causes an empty query. */
export type ChangeNotice = Map<string, UserIdRange[]>;

/** The payload of NOTIFY must be shorter than 8000 bytes. */
const MAX_BYTES = 7900;

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
