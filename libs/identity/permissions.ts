import { Problem } from '#problem';

/** What a role may grant and a key may have as scope, beyond what every person may do. */
export const PERMISSIONS = [
  'act_as',
  'audit:read',
  'deliveries:manage',
  'keys:manage',
  'members:manage',
  'messages:moderate',
  'messages:monitor',
  'notifications:send',
  'preferences:manage',
  'roles:manage',
  'stats:read',
  'webhooks:manage',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Stands for all permissions, including those of later versions. */
export const ALL = '*';

export const DEFAULT_ROLES: Record<string, (Permission | typeof ALL)[]> = {
  admin: [ALL],
  therapist: [],
  clinician: [],
  user: [],
};

/** Its holders can always repair everything, so nobody can take permissions from this role. */
export const ADMIN_ROLE = 'admin';

export const expand = (granted: readonly string[]): ReadonlySet<Permission> =>
  new Set(PERMISSIONS.filter((permission) => granted.includes(ALL) || granted.includes(permission)));

/** Refuses to give or take permissions that the caller does not have. */
export function assertHolds(held: ReadonlySet<Permission>, granted: readonly string[]): void {
  const missing = [...expand(granted)].filter((permission) => !held.has(permission));
  if (missing.length > 0) {
    throw new Problem(
      'forbidden',
      `You can neither grant nor remove permissions that you do not have: ${missing.join(', ')}. Ask somebody who has them.`,
    );
  }
}
