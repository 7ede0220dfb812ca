import { randomBytes } from 'node:crypto';
import type { Transaction } from '#database';
import { Problem } from '#problem';
import type { SecretBox } from '#secrets';
import { findOrganizationKey, organizationKey, replaceOrganizationKey } from '#outbound';
import { findNow } from './unsubscribe.queries.js';
import type { UnsubscribeKey } from './unsubscribe-token.js';

/** The stored keys of an organization: one signs new links, the previous ones only verify old links. */
interface StoredKeys extends UnsubscribeKey {
  previous?: (UnsubscribeKey & { until: string })[];
}

/** People keep mails for a long time, and an unsubscribe link must still work then. */
const DAYS_KEPT = 60;

const MAX_PREVIOUS = 10;

const makeKey = (): string => randomBytes(32).toString('base64url');

/** The key that signs links in new mails. */
export const signingKey = (tx: Transaction, box: SecretBox): Promise<UnsubscribeKey> =>
  organizationKey<StoredKeys>(tx, box, 'unsubscribe', () => ({ key: makeKey() }));

/** The keys that verify links in all mails, new and old. */
export async function verifyingKeys(tx: Transaction, box: SecretBox): Promise<UnsubscribeKey[]> {
  const [known, now] = await Promise.all([
    findOrganizationKey<StoredKeys>(tx, box, 'unsubscribe'),
    findNow(tx),
  ]);
  return known ? [known, ...stillGood(known, now)] : [];
}

/** Returns until when links in earlier mails are valid, or null if they no longer are. */
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
      `The links of ${MAX_PREVIOUS} earlier keys are still valid: wait until one expires, or set revoke_previous.`,
    );
  }
  await replaceOrganizationKey(tx, box, 'unsubscribe', { key: makeKey(), previous } satisfies StoredKeys);
  return { rotated_at: now, previous_until: revokesPrevious ? null : until };
}

const stillGood = ({ previous = [] }: StoredKeys, now: Date) =>
  previous.filter(({ until }) => new Date(until) > now);
