import webPush from 'web-push';
import type { WorkerConfig } from '#config';
import type { Transaction } from '#database';
import type { SecretBox } from '#secrets';
import { organizationKey } from '#outbound';

/** What an organization shows push services who it is by. Browsers subscribe with the public one, for good. */
export interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

/** Needs the sight of the organization. */
export const vapidKeys = (tx: Transaction, box: SecretBox): Promise<VapidKeys> =>
  organizationKey<VapidKeys>(tx, box, 'web_push', () => webPush.generateVAPIDKeys());

/** Whom the makers of browsers can turn to: a page over https, or else an address. */
export function vapidSubject({ publicUrl, mail }: Pick<WorkerConfig, 'publicUrl' | 'mail'>): string {
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === 'https:') return publicUrl;
  const from = mail && (/<([^<>]+)>/.exec(mail.from)?.[1] ?? mail.from);
  return `mailto:${from ?? `tidings@${hostname}`}`;
}
