import type { Transaction } from '#database';
import type { OrganizationKey } from './organization-key.entity.js';

/** Hot: each mail and each push is signed with one. */
export async function findKey(
  tx: Transaction,
  purpose: OrganizationKey['purpose'],
): Promise<OrganizationKey['secret'] | undefined> {
  const [known] = await tx.query<Pick<OrganizationKey, 'secret'>>(
    'SELECT secret FROM organization_keys WHERE organization_id = $1 AND purpose = $2',
    [tx.organizationId, purpose],
  );
  return known?.secret;
}

/** Does nothing if the organization has a key for this purpose. */
export async function insertKey(
  tx: Transaction,
  purpose: OrganizationKey['purpose'],
  secret: string,
): Promise<void> {
  await tx.query(
    `INSERT INTO organization_keys (organization_id, purpose, secret) VALUES ($1, $2, $3)
     ON CONFLICT (organization_id, purpose) DO NOTHING`,
    [tx.organizationId, purpose, secret],
  );
}

export async function updateKey(
  tx: Transaction,
  purpose: OrganizationKey['purpose'],
  secret: string,
): Promise<void> {
  await tx.query('UPDATE organization_keys SET secret = $3 WHERE organization_id = $1 AND purpose = $2', [
    tx.organizationId,
    purpose,
    secret,
  ]);
}

export const lockKeys = (tx: Transaction): Promise<Pick<OrganizationKey, 'purpose' | 'secret'>[]> =>
  tx.query<Pick<OrganizationKey, 'purpose' | 'secret'>>(
    'SELECT purpose, secret FROM organization_keys WHERE organization_id = $1 ORDER BY purpose FOR UPDATE',
    [tx.organizationId],
  );
