import webPush from 'web-push';
import type { WorkerConfig } from '#config';
import type { Transaction } from '#database';
import type { SecretBox } from '#secrets';
import { organizationKey } from '#outbound';

/**
 * The key pair that identifies an organization to push services. Browsers subscribe with the public key, which must
 * not change.
 */
export interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

/** Requires the organization-wide scope. */
export const vapidKeys = (tx: Transaction, box: SecretBox): Promise<VapidKeys> =>
  organizationKey<VapidKeys>(tx, box, 'web_push', () => webPush.generateVAPIDKeys());

/** The contact for push services: a page over https, or an e-mail address. */
export function vapidSubject({ publicUrl, mail }: Pick<WorkerConfig, 'publicUrl' | 'mail'>): string {
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === 'https:') return publicUrl;
  const from = mail && (/<([^<>]+)>/.exec(mail.from)?.[1] ?? mail.from);
  return `mailto:${from ?? `tidings@${hostname}`}`;
}
