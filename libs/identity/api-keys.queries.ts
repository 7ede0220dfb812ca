import { type PageBefore, Parameters, type Transaction } from '#database';
import type { ApiKey } from './entities.js';

export interface NewApiKey {
  id: string;
  name: string;
  scopes: string[];
  secret_hash: Buffer;
  expires_at?: Date;
  created_by_user_id?: string;
  created_by_key_id?: string;
}

/** The condition that a row of api_keys is neither revoked nor expired. */
export const isLiveKey = (key = 'api_keys'): string =>
  `${key}.revoked_at IS NULL AND (${key}.expires_at IS NULL OR ${key}.expires_at > now())`;

export async function revokeExpired(tx: Transaction, name: string): Promise<void> {
  await tx.query(
    `UPDATE api_keys SET revoked_at = now()
     WHERE organization_id = $1 AND name = $2 AND revoked_at IS NULL AND expires_at <= now()`,
    [tx.organizationId, name],
  );
}

/** Uses the first free of the name's two slots. Returns undefined if none is free. */
export async function insert(tx: Transaction, key: NewApiKey): Promise<ApiKey | undefined> {
  const [created] = await tx.query<ApiKey>(
    `INSERT INTO api_keys (organization_id, id, name, slot, secret_hash, scopes, expires_at,
                           created_by_user_id, created_by_key_id)
     SELECT $1, $2, $3, slot, $4, $5, $6, $7, $8 FROM generate_series(1, 2) AS slot
     WHERE NOT EXISTS (
       SELECT FROM api_keys AS live
       WHERE live.organization_id = $1 AND live.name = $3 AND live.slot = slot.slot AND live.revoked_at IS NULL)
     ORDER BY slot LIMIT 1
     RETURNING *`,
    [
      tx.organizationId,
      key.id,
      key.name,
      key.secret_hash,
      key.scopes,
      key.expires_at,
      key.created_by_user_id,
      key.created_by_key_id,
    ],
  );
  return created;
}

export type ListedApiKey = ApiKey & {
  /** The creator is no longer a member or a live key, or may no longer manage keys. */
  creator_removed: boolean;
};

const MAY_MANAGE = `ARRAY['*', 'keys:manage']`;

/** A person who is created again with the same id is another person: their membership is younger than the key. */
const CREATOR_REMOVED = `
  (created_by_user_id IS NOT NULL AND NOT EXISTS (
     SELECT FROM members JOIN roles ON roles.organization_id = $1 AND roles.name = members.role
     WHERE members.organization_id = $1 AND members.user_id = created_by_user_id AND members.removed_at IS NULL
       AND members.created_at <= api_keys.created_at AND roles.permissions && ${MAY_MANAGE} OFFSET 0))
  OR (created_by_key_id IS NOT NULL AND NOT app_platform_key_is_live(created_by_key_id) AND NOT EXISTS (
     SELECT FROM api_keys AS creator
     WHERE creator.organization_id = $1 AND creator.id = api_keys.created_by_key_id AND ${isLiveKey('creator')}
       AND creator.scopes && ${MAY_MANAGE} OFFSET 0))`;

export function list(tx: Transaction, { limit, before }: PageBefore): Promise<ListedApiKey[]> {
  const parameters = new Parameters(tx.organizationId, limit);
  const page = parameters.optional('AND id <', before).join('');
  return tx.query<ListedApiKey>(
    `SELECT api_keys.*, ${CREATOR_REMOVED} AS creator_removed FROM api_keys
     WHERE organization_id = $1 AND revoked_at IS NULL ${page}
     ORDER BY id DESC LIMIT $2`,
    parameters.values,
  );
}

export async function revoke(tx: Transaction, id: string): Promise<boolean> {
  const revoked = await tx.query(
    'UPDATE api_keys SET revoked_at = now() WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING true',
    [tx.organizationId, id],
  );
  return revoked.length > 0;
}

/** Returns a live key and records its use, at most once a minute, because a write per request would cost too much. */
export async function use(tx: Transaction, id: string, secretHash: Buffer): Promise<ApiKey | undefined> {
  await tx.query(
    `UPDATE api_keys SET last_used_at = now()
     WHERE organization_id = $1 AND id = $2 AND secret_hash = $3 AND ${isLiveKey()}
       AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    [tx.organizationId, id, secretHash],
  );
  const [key] = await tx.query<ApiKey>(
    'SELECT * FROM api_keys WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL',
    [tx.organizationId, id],
  );
  return key;
}
