import type { Transaction } from '#database';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

type StoredSecrets = Pick<WebhookEndpoint, 'id' | 'secret' | 'previous_secret' | 'older_secret'>;

/** The secrets of all endpoints, locked until the end of the transaction. */
export const lockSecrets = (tx: Transaction): Promise<StoredSecrets[]> =>
  tx.query<StoredSecrets>(
    `SELECT id, secret, previous_secret, older_secret FROM webhook_endpoints
     WHERE organization_id = $1 ORDER BY id FOR UPDATE`,
    [tx.organizationId],
  );

/** The current secret, the previous and the older one, encrypted. */
export async function replaceSecrets(tx: Transaction, id: string, secrets: (string | null)[]): Promise<void> {
  await tx.query(
    `UPDATE webhook_endpoints SET secret = $3, previous_secret = $4, older_secret = $5
     WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, id, ...secrets],
  );
}
