import type { Transaction } from '#database';
import type { SecretBox, SecretPlace } from '#secrets';
import type { OrganizationKey } from './organization-key.entity.js';
import { findKey, insertKey, updateKey } from './organization-keys.queries.js';

type Purpose = OrganizationKey['purpose'];

export const placeOfKey = (
  { organizationId }: Pick<Transaction, 'organizationId'>,
  purpose: Purpose,
): SecretPlace => ({
  organizationId,
  purpose,
});

/**
 * Returns the organization's key for a purpose, and creates it if there is none. Requires the organization-wide
 * scope.
 */
export async function organizationKey<Secret extends object>(
  tx: Transaction,
  box: SecretBox,
  purpose: Purpose,
  make: () => Secret,
): Promise<Secret> {
  const known = await findOrganizationKey<Secret>(tx, box, purpose);
  if (known) return known;
  await insertKey(tx, purpose, encryptKey(tx, box, purpose, make()));
  // If two transactions create the key concurrently, both use the one that was committed first.
  return (await findOrganizationKey<Secret>(tx, box, purpose))!;
}

/** undefined if nobody has needed it yet. */
export async function findOrganizationKey<Secret extends object>(
  tx: Transaction,
  box: SecretBox,
  purpose: Purpose,
): Promise<Secret | undefined> {
  const stored = await findKey(tx, purpose);
  return stored === undefined ? undefined : (decryptKey(tx, box, purpose, stored) as Secret);
}

export async function replaceOrganizationKey(
  tx: Transaction,
  box: SecretBox,
  purpose: Purpose,
  secret: object,
): Promise<void> {
  await updateKey(tx, purpose, encryptKey(tx, box, purpose, secret));
}

/** A JSON string in a jsonb column. Keys in clear text, from before encryption, are objects. */
const encryptKey = (tx: Transaction, box: SecretBox, purpose: Purpose, secret: object): string =>
  JSON.stringify(box.encrypt(JSON.stringify(secret), placeOfKey(tx, purpose)));

export const decryptKey = (
  tx: Transaction,
  box: SecretBox,
  purpose: Purpose,
  stored: OrganizationKey['secret'],
): object =>
  typeof stored === 'string' ? (JSON.parse(box.decrypt(stored, placeOfKey(tx, purpose))) as object) : stored;
