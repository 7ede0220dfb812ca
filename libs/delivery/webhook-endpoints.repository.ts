import type { Transaction } from '#database';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';
import type { Secrets } from './webhook-message.js';

/** All but its secrets, which only what signs may read. */
export type EndpointRow = Omit<WebhookEndpoint, 'organization_id' | 'secret' | 'previous_secret'>;

const COLUMNS = 'id, url, types, previous_secret_until, disabled_at, disabled_reason, created_at, updated_at';

export interface NewEndpoint {
  id: string;
  url: string;
  /** null: of every type. */
  types: string[] | null;
  secret: string;
}

/** What is left out stays. */
export interface EndpointChange {
  url?: string;
  types?: string[] | null;
  enabled?: boolean;
  /** A new one: that before signs along for a day. */
  secret?: string;
}

/** undefined where the organization has as many as it may. */
export async function insertEndpoint(
  tx: Transaction,
  endpoint: NewEndpoint,
  most: number,
): Promise<EndpointRow | undefined> {
  await tx.lock('webhook endpoints');
  const [inserted] = await tx.query<EndpointRow>(
    `INSERT INTO webhook_endpoints (organization_id, id, url, types, secret)
     SELECT $1, $2, $3, $4, $5
     WHERE (SELECT count(*) FROM webhook_endpoints WHERE organization_id = $1) < $6
     RETURNING ${COLUMNS}`,
    [tx.organizationId, endpoint.id, endpoint.url, endpoint.types, endpoint.secret, most],
  );
  return inserted;
}

/** Newest first. */
export function listEndpoints(
  tx: Transaction,
  { limit, before }: { limit: number; before?: string },
): Promise<EndpointRow[]> {
  const values = [tx.organizationId, limit, ...(before === undefined ? [] : [before])];
  return tx.query<EndpointRow>(
    `SELECT ${COLUMNS} FROM webhook_endpoints
     WHERE organization_id = $1 ${before === undefined ? '' : 'AND id < $3'} ORDER BY id DESC LIMIT $2`,
    values,
  );
}

export async function changeEndpoint(
  tx: Transaction,
  id: string,
  { url, types, enabled, secret }: EndpointChange,
): Promise<EndpointRow | undefined> {
  const values: unknown[] = [tx.organizationId, id];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const changes = [
    'updated_at = now()',
    ...(url === undefined ? [] : [`url = ${parameter(url)}`]),
    ...(types === undefined ? [] : [`types = ${parameter(types)}`]),
    ...(enabled === undefined ? [] : [enabled ? ENABLED : DISABLED]),
    ...(secret === undefined ? [] : [`${ROTATED}, secret = ${parameter(secret)}`]),
  ];
  const [changed] = await tx.query<EndpointRow>(
    `UPDATE webhook_endpoints SET ${changes.join(', ')} WHERE organization_id = $1 AND id = $2
     RETURNING ${COLUMNS}`,
    values,
  );
  return changed;
}

const ENABLED = 'disabled_at = NULL, disabled_reason = NULL';
const DISABLED = `disabled_at = coalesce(disabled_at, now()),
  disabled_reason = coalesce(disabled_reason, 'An admin has disabled it.')`;
const ROTATED = `previous_secret = secret, previous_secret_until = now() + interval '24 hours'`;

export async function deleteEndpoint(tx: Transaction, id: string): Promise<boolean> {
  const deleted = await tx.query(
    'DELETE FROM webhook_endpoints WHERE organization_id = $1 AND id = $2 RETURNING true',
    [tx.organizationId, id],
  );
  return deleted.length > 0;
}

/** Where to, and what to sign with. */
export type Target = Pick<WebhookEndpoint, 'url' | 'disabled_at'> & Secrets;

export async function findTarget(tx: Transaction, id: string): Promise<Target | undefined> {
  const [target] = await tx.query<Target>(
    `SELECT url, disabled_at, secret, CASE WHEN previous_secret_until > now() THEN previous_secret END AS previous_secret
     FROM webhook_endpoints WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, id],
  );
  return target;
}

/** Unless it leads elsewhere by now. */
export async function disableGone(tx: Transaction, id: string, url: string): Promise<void> {
  await tx.query(
    `UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'It answered 410 Gone.', updated_at = now()
     WHERE organization_id = $1 AND id = $2 AND url = $3 AND disabled_at IS NULL`,
    [tx.organizationId, id, url],
  );
}
