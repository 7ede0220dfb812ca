import { Injectable } from '@nestjs/common';
import { NIL } from 'uuid';
import { Database, RelayPool, type Transaction } from '#database';
import { SecretBox } from '#secrets';
import { decryptKey, replaceOrganizationKey } from '#outbound';
import { placeOfWebhookSecret } from '#webhooks';
import { lockEndpoints, lockKeys, organizationsAfter, replaceSecrets } from './secret-rotation.queries.js';

const PAGE = 500;

/** Re-encrypts with the current SECRETS_KEY what is in clear text or encrypted with another key. */
@Injectable()
export class SecretRotationService {
  constructor(
    private readonly database: Database,
    private readonly relay: RelayPool,
    private readonly box: SecretBox,
  ) {}

  /**
   * Goes through all organizations, in one short transaction each, which locks its rows: servers may run meanwhile. What
   * is current is left alone, so that a rotation that was interrupted goes on from there. Returns how many it changed.
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

  /** By pages of ids: there may be more organizations than are to be held in memory. */
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
    // The same lock as for a new unsubscribe key, which is read and written by two statements.
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
    for (const { id, ...stored } of await lockEndpoints(tx)) {
      const secrets = [stored.secret, stored.previous_secret, stored.older_secret];
      const old = secrets.filter((secret) => secret !== null && !this.box.isCurrent(secret));
      if (old.length === 0) continue;
      count += old.length;
      const renewed = secrets.map((secret) => this.renewed(secret, tx.organizationId, id));
      await replaceSecrets(tx, id, renewed);
    }
    return count;
  }

  private renewed(secret: string | null, organizationId: string, endpointId: string): string | null {
    if (secret === null || this.box.isCurrent(secret)) return secret;
    const place = placeOfWebhookSecret(organizationId, endpointId);
    return this.box.encrypt(this.box.decrypt(secret, place), place);
  }
}
