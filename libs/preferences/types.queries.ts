import type { Transaction } from '#database';
import type { TypeDefinition } from './type-definition.js';

/** An organization has at most MAX_TYPES. */
export const findOwnTypes = (tx: Transaction): Promise<TypeDefinition[]> =>
  tx.query<TypeDefinition>('SELECT * FROM notification_types WHERE organization_id = $1', [
    tx.organizationId,
  ]);

/** The number of the organization's own types other than this one. */
export async function countOtherTypes(tx: Transaction, name: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM notification_types WHERE organization_id = $1 AND name <> $2',
    [tx.organizationId, name],
  );
  return row!.count;
}

export async function upsertType(
  tx: Transaction,
  type: TypeDefinition,
): Promise<TypeDefinition & { created: boolean }> {
  const [saved] = await tx.query<TypeDefinition & { created: boolean }>(
    `INSERT INTO notification_types (organization_id, name, default_channels, mandatory_channels,
                                     aggregation_window_seconds, retention_days)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organization_id, name) DO UPDATE
     SET default_channels = excluded.default_channels, mandatory_channels = excluded.mandatory_channels,
         aggregation_window_seconds = excluded.aggregation_window_seconds,
         retention_days = excluded.retention_days, updated_at = now()
     RETURNING *, xmax = 0 AS created`,
    [
      tx.organizationId,
      type.name,
      type.default_channels,
      type.mandatory_channels,
      type.aggregation_window_seconds,
      type.retention_days,
    ],
  );
  return saved!;
}
