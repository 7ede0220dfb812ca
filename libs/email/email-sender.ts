import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkerConfig } from '#config';
import { Database } from '#database';
import { SecretBox } from '#secrets';
import { type Mail, composeMail } from './compose-mail.js';
import { Mailer } from './mailer.js';
import type { ChannelSender, SendOutcome, OutboundDelivery } from '#outbound';
import { signingKey } from './unsubscribe-keys.js';
import type { UnsubscribeKey } from './unsubscribe-token.js';

@Injectable()
export class EmailSender implements ChannelSender {
  constructor(
    private readonly database: Database,
    private readonly mailer: Mailer,
    private readonly box: SecretBox,
    @Inject(CONFIG) private readonly config: WorkerConfig,
  ) {}

  send(item: OutboundDelivery, signal: AbortSignal): Promise<SendOutcome> {
    return this.sendDigest([item], signal);
  }

  /** Sends one mail for items of one person. */
  async sendDigest(items: OutboundDelivery[], signal: AbortSignal): Promise<SendOutcome> {
    const { organization, recipient } = items[0]!;
    if (recipient.email === null) return { status: 'cancelled', reason: 'no_address' };
    const key = await this.keyOf(organization.id);
    let mail: Mail;
    try {
      mail = composeMail(items, recipient.email, this.config.publicUrl, key);
    } catch (error) {
      // A retry would fail the same way.
      return { status: 'failed', error: `The mail could not be composed: ${String(error)}` };
    }
    return this.mailer.send(mail, signal);
  }

  private keyOf(organizationId: string): Promise<UnsubscribeKey> {
    return this.database.organizationTransaction(organizationId, (tx) => signingKey(tx, this.box));
  }
}
