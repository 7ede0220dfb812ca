import type { Transaction } from '#database';
import { isLiveKey } from './api-keys.queries.js';

/** The permissions of a member's role; undefined for whoever is none. Locks both rows until the commit. */
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

/** The scopes of a live key; undefined where it is none. Locks its row until the commit. */
export async function lockKeyScopes(tx: Transaction, keyId: string): Promise<string[] | undefined> {
  const [key] = await tx.query<{ scopes: string[] }>(
    `SELECT scopes FROM api_keys WHERE organization_id = $1 AND id = $2 AND ${isLiveKey()} FOR SHARE`,
    [tx.organizationId, keyId],
  );
  return key?.scopes;
}

/** The same for a key of the platform, which belongs to no organization that is seen here. */
export async function lockPlatformKeyScopes(tx: Transaction, keyId: string): Promise<string[] | undefined> {
  const [key] = await tx.query<{ scopes: string[] }>(
    `SELECT ARRAY['*'] AS scopes WHERE app_lock_platform_key($1)`,
    [keyId],
  );
  return key?.scopes;
}
