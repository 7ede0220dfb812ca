import type { RelayPool, Transaction } from '#database';
import type { OrganizationKey } from '#outbound';
import type { WebhookEndpoint } from '#webhooks';

/** A page of all organizations, in the order of their ids. */
export async function organizationsAfter(relay: RelayPool, id: string, limit: number): Promise<string[]> {
  const page = await relay.query<{ id: string }>(
    'SELECT id FROM organizations WHERE id > $1 ORDER BY id LIMIT $2',
    [id, limit],
  );
  return page.map((organization) => organization.id);
}

export const lockKeys = (tx: Transaction): Promise<Pick<OrganizationKey, 'purpose' | 'secret'>[]> =>
  tx.query<Pick<OrganizationKey, 'purpose' | 'secret'>>(
    'SELECT purpose, secret FROM organization_keys WHERE organization_id = $1 ORDER BY purpose FOR UPDATE',
    [tx.organizationId],
  );

type StoredSecrets = Pick<WebhookEndpoint, 'id' | 'secret' | 'previous_secret' | 'older_secret'>;

export const lockEndpoints = (tx: Transaction): Promise<StoredSecrets[]> =>
  tx.query<StoredSecrets>(
    `SELECT id, secret, previous_secret, older_secret FROM webhook_endpoints
     WHERE organization_id = $1 ORDER BY id FOR UPDATE`,
    [tx.organizationId],
  );

/** The current secret, the previous and the older one. */
export async function replaceSecrets(tx: Transaction, id: string, secrets: (string | null)[]): Promise<void> {
  await tx.query(
    `UPDATE webhook_endpoints SET secret = $3, previous_secret = $4, older_secret = $5
     WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, id, ...secrets],
  );
}
