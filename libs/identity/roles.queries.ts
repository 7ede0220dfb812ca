import type { PageAfter, Transaction } from '#database';
import type { Role } from './entities.js';

/** In the order of their names. */
export const listRoles = (tx: Transaction, { limit, after }: PageAfter): Promise<Role[]> =>
  tx.query<Role>(
    `SELECT * FROM roles WHERE organization_id = $1 AND ($2::text IS NULL OR name > $2) ORDER BY name LIMIT $3`,
    [tx.organizationId, after, limit],
  );

export async function countRoles(tx: Transaction): Promise<number> {
  const [roles] = await tx.query<{ count: number }>('SELECT count(*) FROM roles WHERE organization_id = $1', [
    tx.organizationId,
  ]);
  return roles!.count;
}

export async function upsertRole(tx: Transaction, name: string, permissions: string[]): Promise<Role> {
  const [role] = await tx.query<Role>(
    `INSERT INTO roles (organization_id, name, permissions) VALUES ($1, $2, $3)
     ON CONFLICT (organization_id, name) DO UPDATE SET permissions = excluded.permissions, updated_at = now()
     RETURNING *`,
    [tx.organizationId, name, permissions],
  );
  return role!;
}

export async function insertRoles(tx: Transaction, roles: Record<string, string[]>): Promise<void> {
  await tx.query(
    `INSERT INTO roles (organization_id, name, permissions)
     SELECT $1, key, array(SELECT jsonb_array_elements_text(value)) FROM jsonb_each($2)`,
    [tx.organizationId, JSON.stringify(roles)],
  );
}

export async function deleteRole(tx: Transaction, name: string): Promise<Role | undefined> {
  const [role] = await tx.query<Role>(
    'DELETE FROM roles WHERE organization_id = $1 AND name = $2 RETURNING *',
    [tx.organizationId, name],
  );
  return role;
}
