import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkerConfig } from '#config';
import { Database } from '#database';
import { WHOLE_ORGANIZATION } from '#identity';
import { SecretBox } from '#secrets';
import { type Mail, compose } from './composing.js';
import { Mailer } from './mailer.js';
import type { Carrier, Outcome, Parcel } from './parcel.js';
import { signingKey } from './unsubscribe-keys.js';
import type { UnsubscribeKey } from './unsubscribe-token.js';

@Injectable()
export class EmailCarrier implements Carrier {
  constructor(
    private readonly database: Database,
    private readonly mailer: Mailer,
    private readonly box: SecretBox,
    @Inject(CONFIG) private readonly config: WorkerConfig,
  ) {}

  send(parcel: Parcel, signal: AbortSignal): Promise<Outcome> {
    return this.sendTogether([parcel], signal);
  }

  /** One mail, for parcels of one person. */
  async sendTogether(parcels: Parcel[], signal: AbortSignal): Promise<Outcome> {
    const { organization, recipient } = parcels[0]!;
    if (recipient.email === null) return { status: 'cancelled', reason: 'no_address' };
    const key = await this.keyOf(organization.id);
    let mail: Mail;
    try {
      mail = compose(parcels, recipient.email, this.config.publicUrl, key);
    } catch (error) {
      // It would be the same the next time.
      return { status: 'failed', error: `The mail could not be composed: ${String(error)}` };
    }
    return this.mailer.send(mail, signal);
  }

  private keyOf(organizationId: string): Promise<UnsubscribeKey> {
    return this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, (tx) =>
      signingKey(tx, this.box),
    );
  }
}
