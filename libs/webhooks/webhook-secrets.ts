import { randomBytes } from 'node:crypto';
import type { SecretBox, SecretPlace } from '#secrets';

/** The encrypted secrets of an endpoint that sign now. */
export interface SigningSecrets {
  secret: string;
  previous_secret: string | null;
  older_secret: string | null;
}

/** Selects the secrets that have not expired. */
export const SIGNING_SECRETS = `secret,
  CASE WHEN previous_secret_until > now() THEN previous_secret END AS previous_secret,
  CASE WHEN older_secret_until > now() THEN older_secret END AS older_secret`;

/** The three columns share one place, so that a ciphertext can move from one to the next unchanged. */
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
