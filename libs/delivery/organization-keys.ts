import type { Transaction } from '#database';
import type { OrganizationKey } from './entities.js';

/** The organization's key for a purpose, made by whoever needs it first. Needs the sight of the organization. */
export async function organizationKey<Secret extends object>(
  tx: Transaction,
  purpose: OrganizationKey['purpose'],
  make: () => Secret,
): Promise<Secret> {
  const known = await findOrganizationKey<Secret>(tx, purpose);
  if (known) return known;
  await tx.query(
    `INSERT INTO organization_keys (organization_id, purpose, secret) VALUES ($1, $2, $3)
     ON CONFLICT (organization_id, purpose) DO NOTHING`,
    [tx.organizationId, purpose, make()],
  );
  // Of two who make one at once, the first to commit has made it.
  return (await findOrganizationKey<Secret>(tx, purpose))!;
}

/** undefined where nobody has needed it yet. */
export async function findOrganizationKey<Secret extends object>(
  tx: Transaction,
  purpose: OrganizationKey['purpose'],
): Promise<Secret | undefined> {
  const [known] = await tx.query<{ secret: Secret }>(
    'SELECT secret FROM organization_keys WHERE organization_id = $1 AND purpose = $2',
    [tx.organizationId, purpose],
  );
  return known?.secret;
}
