import type { RelayPool, Transaction } from '#database';
import type { Organization } from './entities.js';

export async function upsertOrganization(
  tx: Transaction,
  name: string,
): Promise<Organization & { created: boolean }> {
  const [organization] = await tx.query<Organization & { created: boolean }>(
    `INSERT INTO organizations (id, name) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = now()
     RETURNING *, xmax = 0 AS created`,
    [tx.organizationId, name],
  );
  return organization!;
}

/** Hot: asked by requests of the platform. */
export async function organizationExists(tx: Transaction): Promise<boolean> {
  const found = await tx.query('SELECT FROM organizations WHERE id = $1', [tx.organizationId]);
  return found.length > 0;
}

export async function allOrganizations(relay: RelayPool): Promise<string[]> {
  const organizations = await relay.query<{ id: string }>('SELECT id FROM organizations');
  return organizations.map(({ id }) => id);
}

/** A page of all organizations, in the order of their ids. */
export async function organizationsAfter(relay: RelayPool, id: string, limit: number): Promise<string[]> {
  const page = await relay.query<{ id: string }>(
    'SELECT id FROM organizations WHERE id > $1 ORDER BY id LIMIT $2',
    [id, limit],
  );
  return page.map((organization) => organization.id);
}
