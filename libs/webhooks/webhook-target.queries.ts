import type { Transaction } from '#database';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { MAY_READ_MESSAGES } from './webhook-owner.queries.js';
import type { SigningSecrets } from './webhook-secrets.js';

/** The URL, the secrets, and whether message content may be sent there. */
export type Target = Pick<WebhookEndpoint, 'id' | 'url' | 'disabled_at' | 'failing_since'> &
  SigningSecrets & { may_read_messages: boolean };

/** Secrets that still sign. */
const SIGNING_SECRETS = `secret,
  CASE WHEN previous_secret_until > now() THEN previous_secret END AS previous_secret,
  CASE WHEN older_secret_until > now() THEN older_secret END AS older_secret`;

export async function findTarget(tx: Transaction, id: string): Promise<Target | undefined> {
  const [target] = await tx.query<Target>(
    `SELECT id, url, disabled_at, failing_since, ${SIGNING_SECRETS}, ${MAY_READ_MESSAGES} AS may_read_messages
     FROM webhook_endpoints WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, id],
  );
  return target;
}

/** Called only by the first success after a failure. */
export async function recordSuccess(tx: Transaction, { id, url }: Pick<Target, 'id' | 'url'>): Promise<void> {
  await tx.query(
    `UPDATE webhook_endpoints SET failing_since = NULL
     WHERE organization_id = $1 AND id = $2 AND url = $3 AND failing_since IS NOT NULL`,
    [tx.organizationId, id, url],
  );
}

const MAX_FAILING = "interval '5 days'";

/**
 * Stores the first failure after a success. After five days of failures only, it disables the endpoint. Failures in
 * between change nothing. If the URL has changed, counting restarts.
 */
export async function recordFailure(tx: Transaction, { id, url }: Pick<Target, 'id' | 'url'>): Promise<void> {
  await tx.query(
    `UPDATE webhook_endpoints SET failing_since = now()
     WHERE organization_id = $1 AND id = $2 AND url = $3 AND failing_since IS NULL`,
    [tx.organizationId, id, url],
  );
  await disable(tx, { id, url }, 'failing', `AND failing_since < now() - ${MAX_FAILING}`);
}

export const disableGone = (tx: Transaction, target: Pick<Target, 'id' | 'url'>): Promise<void> =>
  disable(tx, target, 'gone');

const REASONS = {
  gone: 'It responded with 410 Gone.',
  failing: 'Every attempt has failed for five days.',
};

/**
 * The attempt that disables the endpoint records that once, in the same transaction, so that admins get one
 * notification.
 */
async function disable(
  tx: Transaction,
  { id, url }: Pick<Target, 'id' | 'url'>,
  cause: keyof typeof REASONS,
  condition = '',
): Promise<void> {
  const disabled = await tx.query(
    `UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = $4, updated_at = now()
     WHERE organization_id = $1 AND id = $2 AND url = $3 AND disabled_at IS NULL ${condition} RETURNING true`,
    [tx.organizationId, id, url, REASONS[cause]],
  );
  if (disabled.length > 0) {
    tx.record('webhook.disabled', { webhook_id: id, origin: new URL(url).origin, cause });
  }
}
