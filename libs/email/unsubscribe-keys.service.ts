import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database } from '#database';
import { type Caller, assertStillHolds } from '#identity';
import { SecretBox } from '#secrets';
import { rotateKeys } from './unsubscribe-keys.js';

export interface UnsubscribeRotation {
  rotated_at: Date;
  /** Until when links signed before are valid. null if they were revoked. */
  previous_until: Date | null;
}

/** The keys that sign the unsubscribe links in an organization's mails. */
@Injectable()
export class UnsubscribeKeysService {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  rotate(caller: Caller, options: { revokesPrevious: boolean }): Promise<UnsubscribeRotation> {
    return this.database.organizationTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'keys:manage');
      const rotation = await rotateKeys(tx, this.box, options);
      await audit(tx, caller, {
        action: 'unsubscribe_keys.rotate',
        targetType: 'organization',
        targetId: tx.organizationId,
        details: { revoke_previous: options.revokesPrevious },
      });
      return rotation;
    });
  }
}
