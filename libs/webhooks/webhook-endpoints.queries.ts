import { type PageBefore, Parameters, type Transaction } from '#database';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { MAY_READ_MESSAGES } from './webhook-owner.queries.js';
import type { Owner } from './webhook-owner.js';

/** All columns except the secrets, which only the sender may read. */
export type EndpointRow = Pick<
  WebhookEndpoint,
  | 'id'
  | 'url'
  | 'types'
  | 'previous_secret_until'
  | 'failing_since'
  | 'disabled_at'
  | 'disabled_reason'
  | 'created_at'
  | 'updated_at'
> & { may_read_messages: boolean };

const COLUMNS = `id, url, types, previous_secret_until, failing_since, disabled_at, disabled_reason, created_at,
  updated_at, ${MAY_READ_MESSAGES} AS may_read_messages`;

export interface NewEndpoint {
  id: string;
  url: string;
  /** null means every type. */
  types: string[] | null;
  /** Encrypted. */
  secret: string;
  owner: Owner;
}

/** Omitted fields stay unchanged. */
export interface EndpointChange {
  url?: string;
  types?: string[] | null;
  enabled?: boolean;
  /** The caller who sets the URL or the types. */
  owner?: Owner;
  /** A new secret, encrypted. The previous one also signs for a day. */
  secret?: string;
  /** Previous secrets no longer sign. */
  revokesPrevious?: boolean;
}

/** Returns undefined if the organization has the maximum number of endpoints. */
export async function insertEndpoint(
  tx: Transaction,
  endpoint: NewEndpoint,
  most: number,
): Promise<EndpointRow | undefined> {
  await tx.lock('webhook endpoints');
  const [inserted] = await tx.query<EndpointRow>(
    `INSERT INTO webhook_endpoints (organization_id, id, url, types, secret, configured_by_kind,
                                    configured_by_user_id, configured_by_key_id)
     SELECT $1, $2, $3, $4, $5, $7, $8, $9
     WHERE (SELECT count(*) FROM webhook_endpoints WHERE organization_id = $1) < $6
     RETURNING ${COLUMNS}`,
    [
      tx.organizationId,
      endpoint.id,
      endpoint.url,
      endpoint.types,
      endpoint.secret,
      most,
      ...valuesOf(endpoint.owner),
    ],
  );
  return inserted;
}

/** Newest first. */
export function listEndpoints(tx: Transaction, { limit, before }: PageBefore): Promise<EndpointRow[]> {
  const parameters = new Parameters(tx.organizationId, limit);
  const page = parameters.optional('AND id <', before).join('');
  return tx.query<EndpointRow>(
    `SELECT ${COLUMNS} FROM webhook_endpoints WHERE organization_id = $1 ${page} ORDER BY id DESC LIMIT $2`,
    parameters.values,
  );
}

/** Locks the row, so that the audited state before the change is correct. */
export async function findForChange(
  tx: Transaction,
  id: string,
): Promise<(EndpointRow & { rotates_until: Date | null }) | undefined> {
  const [endpoint] = await tx.query<EndpointRow & { rotates_until: Date | null }>(
    `SELECT ${COLUMNS}, CASE WHEN older_secret_until > now() THEN older_secret_until END AS rotates_until
     FROM webhook_endpoints WHERE organization_id = $1 AND id = $2 FOR UPDATE OF webhook_endpoints`,
    [tx.organizationId, id],
  );
  return endpoint;
}

export async function changeEndpoint(
  tx: Transaction,
  id: string,
  { url, types, enabled, owner, secret, revokesPrevious = false }: EndpointChange,
): Promise<EndpointRow> {
  const parameters = new Parameters(tx.organizationId, id);
  const changes = [
    'updated_at = now()',
    ...parameters.optional('url =', url),
    ...parameters.optional('types =', types),
    ...(enabled === undefined ? [] : [enabled ? ENABLED : DISABLED]),
    ...(url === undefined && !enabled ? [] : ['failing_since = NULL']),
    ...(owner === undefined ? [] : [ownedBy(valuesOf(owner).map((value) => parameters.add(value)))]),
    ...parameters.optional('secret =', secret),
    ...(revokesPrevious ? [REVOKED] : secret === undefined ? [] : [ROTATED]),
  ];
  const [changed] = await tx.query<EndpointRow>(
    `UPDATE webhook_endpoints SET ${changes.join(', ')} WHERE organization_id = $1 AND id = $2
     RETURNING ${COLUMNS}`,
    parameters.values,
  );
  return changed!;
}

const valuesOf = (owner: Owner): unknown[] => [
  owner.configured_by_kind,
  owner.configured_by_user_id,
  owner.configured_by_key_id,
];

const ownedBy = ([kind, userId, keyId]: string[]): string =>
  `configured_by_kind = ${kind}, configured_by_user_id = ${userId}, configured_by_key_id = ${keyId},
   configured_at = now()`;

const ENABLED = 'disabled_at = NULL, disabled_reason = NULL';
const DISABLED = `disabled_at = coalesce(disabled_at, now()),
  disabled_reason = coalesce(disabled_reason, 'An admin has disabled it.')`;
const ROTATED = `older_secret = previous_secret, older_secret_until = previous_secret_until,
  previous_secret = secret, previous_secret_until = now() + interval '24 hours'`;
const REVOKED = `older_secret = NULL, older_secret_until = NULL, previous_secret = NULL, previous_secret_until = NULL`;

export async function deleteEndpoint(
  tx: Transaction,
  id: string,
): Promise<Pick<WebhookEndpoint, 'url' | 'types'> | undefined> {
  const [deleted] = await tx.query<Pick<WebhookEndpoint, 'url' | 'types'>>(
    'DELETE FROM webhook_endpoints WHERE organization_id = $1 AND id = $2 RETURNING url, types',
    [tx.organizationId, id],
  );
  return deleted;
}
