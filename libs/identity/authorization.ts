import type { Transaction } from '#database';
import { Problem } from '#problem';
import { lockKeyScopes, lockPlatformKeyScopes, lockRolePermissions } from './authorization.queries.js';
import type { Caller } from './caller.js';
import { type Permission, expand } from './permissions.js';

/**
 * Reads the caller's permissions again in this transaction, and refuses a caller who no longer holds all of these.
 * The caches of the access guard may be five seconds old, which is too old for granting permissions and for
 * irreversible actions. The rows are locked until the commit, so a removal, role change or revocation happens before
 * or after.
 */
export async function assertStillHolds(
  tx: Transaction,
  caller: Caller,
  ...needed: Permission[]
): Promise<ReadonlySet<Permission>> {
  const sources = await Promise.all([ofPerson(tx, caller), ofKey(tx, caller)]);
  const held = new Set(
    [...caller.permissions].filter((permission) => sources.every((source) => source.has(permission))),
  );
  const missing = needed.filter((permission) => !held.has(permission));
  if (missing.length > 0)
    throw new Problem('forbidden', `This needs the permission ${missing.join(', ')}: ask an admin for it.`);
  return held;
}

const unlimited = { has: () => true };
type Held = Pick<ReadonlySet<Permission>, 'has'>;

async function ofPerson(tx: Transaction, { userId }: Caller): Promise<Held> {
  if (!userId) return unlimited;
  const permissions = await lockRolePermissions(tx, userId);
  if (!permissions)
    throw new Problem(
      'forbidden',
      'You are no longer a member of this organization: ask an admin to add you again.',
    );
  return expand(permissions);
}

/** The platform key of the environment has no row. It changes only with a restart. */
async function ofKey(tx: Transaction, { kind, keyId }: Caller): Promise<Held> {
  if (!keyId) return unlimited;
  const scopes = await (kind === 'platform' ? lockPlatformKeyScopes(tx, keyId) : lockKeyScopes(tx, keyId));
  if (!scopes) throw new Problem('forbidden', 'The API key was revoked or has expired: use another one.');
  return expand(scopes);
}
