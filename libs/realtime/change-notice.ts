/** People whose ids lie between two, these included: most often one person, named twice. */
export type UserIdRange = [first: string, last: string];

/** Who may have something new, by organization. Whoever looks without need finds nothing. */
export type ChangeNotice = Map<string, UserIdRange[]>;

/** NOTIFY takes less than 8000 bytes. */
const MAX_BYTES = 7900;

/** Where there are too many spans, fewer words say as much. */
export function encode(announcement: ChangeNotice): string {
  const organizations = [...announcement.keys()].map((organizationId) => [organizationId, null]);
  return [[...announcement], organizations].map((said) => JSON.stringify(said)).find(isShort) ?? EVERYBODY;
}

const EVERYBODY = '';

const isShort = (payload: string): boolean => Buffer.byteLength(payload) <= MAX_BYTES;

/** undefined for everybody; null for everybody of an organization. */
export function decode(payload: string): [organizationId: string, spans: UserIdRange[] | null][] | undefined {
  return payload === EVERYBODY ? undefined : (JSON.parse(payload) as [string, UserIdRange[] | null][]);
}
