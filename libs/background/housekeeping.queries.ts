import type { RelayPool } from '#database';

/** Deletes keys older than 24 hours, at most `limit`, and returns how many. */
export async function deleteIdempotencyKeys(relay: RelayPool, limit: number): Promise<number> {
  const deleted = await relay.query(
    `DELETE FROM idempotency_keys WHERE (organization_id, principal, key) IN (
       SELECT organization_id, principal, key FROM idempotency_keys
       WHERE created_at < now() - interval '24 hours' LIMIT $1)
     RETURNING true`,
    [limit],
  );
  return deleted.length;
}

export async function allOrganizations(relay: RelayPool): Promise<string[]> {
  const organizations = await relay.query<{ id: string }>('SELECT id FROM organizations');
  return organizations.map(({ id }) => id);
}
