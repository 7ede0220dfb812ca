import type { Transaction } from '#database';
import { isLiveKey } from './api-keys.queries.js';

/** Returns the permissions of the member's role, or undefined for a non-member. Locks both rows until the commit. */
export async function lockRolePermissions(tx: Transaction, userId: string): Promise<string[] | undefined> {
  const [role] = await tx.query<{ permissions: string[] }>(
    `SELECT permissions
     FROM members JOIN roles ON roles.organization_id = members.organization_id AND roles.name = members.role
     WHERE members.organization_id = $1 AND user_id = $2 AND removed_at IS NULL AND NOT app_is_being_deleted(user_id)
     FOR SHARE OF members, roles`,
    [tx.organizationId, userId],
  );
  return role?.permissions;
}

/** Returns the scopes of a live key, or undefined if there is none. Locks its row until the commit. */
export async function lockKeyScopes(tx: Transaction, keyId: string): Promise<string[] | undefined> {
  const [key] = await tx.query<{ scopes: string[] }>(
    `SELECT scopes FROM api_keys WHERE organization_id = $1 AND id = $2 AND ${isLiveKey()} FOR SHARE`,
    [tx.organizationId, keyId],
  );
  return key?.scopes;
}

/** The same for a platform key. Policies hide its row from this organization, so a function reads it. */
export async function lockPlatformKeyScopes(tx: Transaction, keyId: string): Promise<string[] | undefined> {
  const [key] = await tx.query<{ scopes: string[] }>(
    `SELECT ARRAY['*'] AS scopes WHERE app_lock_platform_key($1)`,
    [keyId],
  );
  return key?.scopes;
}
