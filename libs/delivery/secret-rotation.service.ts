import { Injectable } from '@nestjs/common';
import { Database, RelayPool, type Transaction } from '#database';
import { SecretBox } from '#secrets';
import { type OrganizationKey, decryptKey, replaceOrganizationKey } from '#outbound';
import { type WebhookEndpoint, placeOfWebhookSecret } from '#webhooks';

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
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const page = await this.relay.query<{ id: string }>(
        'SELECT id FROM organizations WHERE id > $1 ORDER BY id LIMIT $2',
        [after, PAGE],
      );
      yield* page.map(({ id }) => id);
      if (page.length < PAGE) return;
      after = page.at(-1)!.id;
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
    const keys = await tx.query<Pick<OrganizationKey, 'purpose' | 'secret'>>(
      'SELECT purpose, secret FROM organization_keys WHERE organization_id = $1 ORDER BY purpose FOR UPDATE',
      [tx.organizationId],
    );
    const old = keys.filter(({ secret }) => typeof secret !== 'string' || !this.box.isCurrent(secret));
    for (const { purpose, secret } of old) {
      await replaceOrganizationKey(tx, this.box, purpose, decryptKey(tx, this.box, purpose, secret));
    }
    return old.length;
  }

  private async rotateEndpoints(tx: Transaction): Promise<number> {
    const endpoints = await tx.query<
      Pick<WebhookEndpoint, 'id' | 'secret' | 'previous_secret' | 'older_secret'>
    >(
      `SELECT id, secret, previous_secret, older_secret FROM webhook_endpoints
       WHERE organization_id = $1 ORDER BY id FOR UPDATE`,
      [tx.organizationId],
    );
    let count = 0;
    for (const { id, ...stored } of endpoints) {
      const secrets = [stored.secret, stored.previous_secret, stored.older_secret];
      const old = secrets.filter((secret) => secret !== null && !this.box.isCurrent(secret));
      if (old.length === 0) continue;
      count += old.length;
      await tx.query(
        `UPDATE webhook_endpoints SET secret = $3, previous_secret = $4, older_secret = $5
         WHERE organization_id = $1 AND id = $2`,
        [tx.organizationId, id, ...secrets.map((secret) => this.renewed(secret, tx.organizationId, id))],
      );
    }
    return count;
  }

  private renewed(secret: string | null, organizationId: string, endpointId: string): string | null {
    if (secret === null || this.box.isCurrent(secret)) return secret;
    const place = placeOfWebhookSecret(organizationId, endpointId);
    return this.box.encrypt(this.box.decrypt(secret, place), place);
  }
}
