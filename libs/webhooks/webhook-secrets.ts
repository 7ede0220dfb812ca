import { randomBytes } from 'node:crypto';
import type { SecretBox, SecretPlace } from '#secrets';

/** The encrypted secrets of an endpoint that sign now. */
export interface SigningSecrets {
  secret: string;
  previous_secret: string | null;
  older_secret: string | null;
}

/** The three columns have one place, so that a secret can move on from one to the next as it is. */
export const placeOfWebhookSecret = (organizationId: string, id: string): SecretPlace => ({
  organizationId,
  purpose: 'webhook',
  id,
});

/** Newest first. */
export const decryptSecrets = (
  box: SecretBox,
  { secret, previous_secret, older_secret }: SigningSecrets,
  place: SecretPlace,
): string[] =>
  [secret, previous_secret, older_secret].flatMap((one) => (one === null ? [] : [box.decrypt(one, place)]));

/** In the format of Standard Webhooks. */
export const makeSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
