import { randomBytes } from 'node:crypto';
import type { Transaction } from '#database';
import { Problem } from '#problem';
import type { SecretBox } from '#secrets';
import { findOrganizationKey, organizationKey, replaceOrganizationKey } from '#outbound';
import { findNow } from './unsubscribe.queries.js';
import type { UnsubscribeKey } from './unsubscribe-token.js';

/** As an organization keeps them: one signs new links, those before it only verify old ones. */
interface StoredKeys extends UnsubscribeKey {
  previous?: (UnsubscribeKey & { until: string })[];
}

/** Mails are kept for long, and what a link in one ends has to be ended by it. */
const DAYS_KEPT = 60;

const MAX_PREVIOUS = 10;

const makeKey = (): string => randomBytes(32).toString('base64url');

/** Signs the links of new mails. */
export const signingKey = (tx: Transaction, box: SecretBox): Promise<UnsubscribeKey> =>
  organizationKey<StoredKeys>(tx, box, 'unsubscribe', () => ({ key: makeKey() }));

/** Verify the links of mails, new and old. */
export async function verifyingKeys(tx: Transaction, box: SecretBox): Promise<UnsubscribeKey[]> {
  const [known, now] = await Promise.all([
    findOrganizationKey<StoredKeys>(tx, box, 'unsubscribe'),
    findNow(tx),
  ]);
  return known ? [known, ...stillGood(known, now)] : [];
}

/** Returns until when the links of mails that were sent before stay good; null for not at all. */
export async function rotateKeys(
  tx: Transaction,
  box: SecretBox,
  { revokesPrevious }: { revokesPrevious: boolean },
): Promise<{ rotated_at: Date; previous_until: Date | null }> {
  await tx.lock('unsubscribe keys');
  const { key } = await signingKey(tx, box);
  const [known, now] = await Promise.all([
    findOrganizationKey<StoredKeys>(tx, box, 'unsubscribe'),
    findNow(tx),
  ]);
  const until = new Date(now.getTime() + DAYS_KEPT * 24 * 3600_000);
  const previous = revokesPrevious ? [] : [{ key, until: until.toISOString() }, ...stillGood(known!, now)];
  if (previous.length > MAX_PREVIOUS) {
    throw new Problem(
      'conflict',
      `The links of ${MAX_PREVIOUS} keys from before are still good: wait, or set revoke_previous.`,
    );
  }
  await replaceOrganizationKey(tx, box, 'unsubscribe', { key: makeKey(), previous } satisfies StoredKeys);
  return { rotated_at: now, previous_until: revokesPrevious ? null : until };
}

const stillGood = ({ previous = [] }: StoredKeys, now: Date) =>
  previous.filter(({ until }) => new Date(until) > now);
