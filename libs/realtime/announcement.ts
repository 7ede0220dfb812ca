/** Who has something new, by organization. */
export type Announcement = Map<string, Set<string>>;

/** NOTIFY takes less than 8000 bytes. */
const MOST_BYTES = 7900;

/** Whoever looks without need only finds nothing: so where the names are too many, fewer say as much. */
export function encode(announcement: Announcement): string {
  const people = [...announcement].map(([organizationId, users]) => [organizationId, [...users]]);
  const organizations = [...announcement.keys()].map((organizationId) => [organizationId, null]);
  return [people, organizations].map((said) => JSON.stringify(said)).find(isShort) ?? EVERYBODY;
}

const EVERYBODY = '';

const isShort = (payload: string): boolean => Buffer.byteLength(payload) <= MOST_BYTES;

/** undefined for everybody; null for everybody of an organization. */
export function decode(payload: string): [organizationId: string, userIds: string[] | null][] | undefined {
  return payload === EVERYBODY ? undefined : (JSON.parse(payload) as [string, string[] | null][]);
}
