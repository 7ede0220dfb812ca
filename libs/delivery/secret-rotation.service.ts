import { Injectable } from '@nestjs/common';
import { NIL } from 'uuid';
import { Database, RelayPool, type Transaction } from '#database';
import { organizationsAfter } from '#identity';
import { SecretBox } from '#secrets';
import { decryptKey, lockKeys, replaceOrganizationKey } from '#outbound';
import { lockSecrets, placeOfWebhookSecret, replaceSecrets } from '#webhooks';

const PAGE = 500;

/** Re-encrypts secrets that are in clear text or encrypted with another key, with the current SECRETS_KEY. */
@Injectable()
export class SecretRotationService {
  constructor(
    private readonly database: Database,
    private readonly relay: RelayPool,
    private readonly box: SecretBox,
  ) {}

  /**
   * Handles each organization in a short transaction that locks its rows, so servers may run meanwhile. Current
   * secrets are skipped, so an interrupted rotation continues. Returns how many organizations and secrets it changed.
   */
  async rotateAll(): Promise<{ organizations: number; secrets: number }> {
    const count = { organizations: 0, secrets: 0 };
    for await (const organizationId of this.organizations()) {
      const changed = await this.rotate(organizationId);
      count.organizations++;
      count.secrets += changed;
    }
    return count;
  }

  /** In pages of ids, because there may be too many organizations for memory. */
  private async *organizations(): AsyncGenerator<string> {
    let after: string = NIL;
    for (;;) {
      const page = await organizationsAfter(this.relay, after, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!;
    }
  }

  private rotate(organizationId: string): Promise<number> {
    return this.database.organizationTransaction(organizationId, async (tx) => {
      const [keys, endpoints] = [await this.rotateKeys(tx), await this.rotateEndpoints(tx)];
      return keys + endpoints;
    });
  }

  private async rotateKeys(tx: Transaction): Promise<number> {
    // The lock of a new unsubscribe key too, which is read and written by two statements.
    await tx.lock('unsubscribe keys');
    const keys = await lockKeys(tx);
    const old = keys.filter(({ secret }) => typeof secret !== 'string' || !this.box.isCurrent(secret));
    for (const { purpose, secret } of old) {
      await replaceOrganizationKey(tx, this.box, purpose, decryptKey(tx, this.box, purpose, secret));
    }
    return old.length;
  }

  private async rotateEndpoints(tx: Transaction): Promise<number> {
    let count = 0;
    for (const { id, ...stored } of await lockSecrets(tx)) {
      const secrets = [stored.secret, stored.previous_secret, stored.older_secret];
      const old = secrets.filter((secret) => secret !== null && !this.box.isCurrent(secret));
      if (old.length === 0) continue;
      count += old.length;
      const reencrypted = secrets.map((secret) => this.reencrypted(secret, tx.organizationId, id));
      await replaceSecrets(tx, id, reencrypted);
    }
    return count;
  }

  private reencrypted(secret: string | null, organizationId: string, endpointId: string): string | null {
    if (secret === null || this.box.isCurrent(secret)) return secret;
    const place = placeOfWebhookSecret(organizationId, endpointId);
    return this.box.encrypt(this.box.decrypt(secret, place), place);
  }
}
