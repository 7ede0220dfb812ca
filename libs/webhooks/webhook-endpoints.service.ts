import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { audit } from '#audit';
import { Database, type PageBefore } from '#database';
import { type Caller, assertStillHolds } from '#identity';
import { Problem, invalidField, notFound } from '#problem';
import { SecretBox } from '#secrets';
import { type HttpContent, OutboundHttp, OutboundError } from '#outbound';
import { isSuccess } from './webhook-sender.js';
import { changesOf, originOf } from './webhook-changes.js';
import * as endpoints from './webhook-endpoints.queries.js';
import type { EndpointRow } from './webhook-endpoints.queries.js';
import { signed, testMessage } from './webhook-message.js';
import { ownerOf } from './webhook-owner.js';
import { decryptSecrets, makeSecret, placeOfWebhookSecret } from './webhook-secrets.js';
import { findTarget, recordSuccess } from './webhook-target.queries.js';

export interface EndpointInput {
  url: string;
  types?: string[] | null;
  /** Generated if not given. The demo needs a known id. */
  id?: string;
}

export interface EndpointPatch {
  url?: string;
  types?: string[] | null;
  enabled?: boolean;
  rotate_secret?: boolean;
  revoke_previous_secrets?: boolean;
}

/** The secret is returned once, when it is created. */
export type EndpointWithSecret = EndpointRow & { secret: string | null };

export interface TestResult {
  /** null if there was no response. */
  response_status: number | null;
  error: string | null;
  duration_ms: number;
}

export const MAX_ENDPOINTS = 10;

/** The webhook endpoints of organizations. */
@Injectable()
export class WebhookEndpointsService {
  constructor(
    private readonly database: Database,
    private readonly http: OutboundHttp,
    private readonly box: SecretBox,
  ) {}

  list(caller: Caller, page: PageBefore): Promise<EndpointRow[]> {
    return this.database.organizationTransaction(caller, (tx) => endpoints.listEndpoints(tx, page));
  }

  /** A replay of the request returns the endpoint without its secret, which is stored only for signing. */
  async create(
    caller: Caller,
    { url, types = null, id = uuid() }: EndpointInput,
  ): Promise<EndpointWithSecret> {
    this.assertMaySendTo(url);
    const secret = makeSecret();
    const sealed = this.box.encrypt(secret, placeOfWebhookSecret(caller.organizationId, id));
    const endpoint = await this.database.organizationTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'webhooks:manage');
      const owner = ownerOf(caller);
      const created = await endpoints.insertEndpoint(
        tx,
        { id, url, types, secret: sealed, owner },
        MAX_ENDPOINTS,
      );
      if (!created) {
        throw new Problem(
          'conflict',
          `An organization has at most ${MAX_ENDPOINTS} endpoints: delete one first.`,
        );
      }
      await audit(tx, caller, {
        action: 'webhook.create',
        ...targetOf(id),
        details: { origin: originOf(url), types },
      });
      return created;
    });
    return { ...endpoint, secret: endpoint.id === id ? secret : null };
  }

  /** The caller who sets the URL or the types becomes the owner of the endpoint. */
  async change(caller: Caller, id: string, patch: EndpointPatch): Promise<EndpointWithSecret> {
    if (patch.url !== undefined) this.assertMaySendTo(patch.url);
    const { url, types, enabled, rotate_secret = false, revoke_previous_secrets = false } = patch;
    const secret = rotate_secret ? makeSecret() : undefined;
    const changed = await this.database.organizationTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'webhooks:manage');
      const before = await endpoints.findForChange(tx, id);
      if (!before) throw notFound();
      if (secret && before.rotates_until && !revoke_previous_secrets)
        throw tooManySecrets(before.rotates_until);
      const after = await endpoints.changeEndpoint(tx, id, {
        url,
        types,
        enabled,
        owner: url === undefined && types === undefined ? undefined : ownerOf(caller),
        secret: secret && this.box.encrypt(secret, placeOfWebhookSecret(caller.organizationId, id)),
        revokesPrevious: revoke_previous_secrets,
      });
      const details = changesOf(before, after, { url, types, enabled });
      if (details) await audit(tx, caller, { action: 'webhook.update', ...targetOf(id), details });
      if (secret) await audit(tx, caller, { action: 'webhook.rotate', ...targetOf(id) });
      if (revoke_previous_secrets) {
        await audit(tx, caller, { action: 'webhook.revoke_secrets', ...targetOf(id) });
      }
      return after;
    });
    return { ...changed, secret: secret ?? null };
  }

  async delete(caller: Caller, id: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'webhooks:manage');
      const deleted = await endpoints.deleteEndpoint(tx, id);
      if (!deleted) throw notFound();
      const { url, types } = deleted;
      await audit(tx, caller, {
        action: 'webhook.delete',
        ...targetOf(id),
        details: { origin: originOf(url), types },
      });
    });
  }

  /**
   * Sends a test event, even to a disabled endpoint, and returns the outcome. No transaction is open while it sends,
   * so a replay sends it again, and then returns the first response.
   */
  async test(caller: Caller, id: string): Promise<TestResult> {
    const target = await this.database.organizationTransaction(caller.organizationId, (tx) =>
      findTarget(tx, id),
    );
    if (!target) throw notFound();
    const secrets = decryptSecrets(this.box, target, placeOfWebhookSecret(caller.organizationId, id));
    const content = signed(testMessage(uuid(), caller.organizationId, id), secrets);
    const result = await this.post(target.url, content);
    return this.database.organizationTransaction(caller, async (tx) => {
      if (result.error === null) await recordSuccess(tx, target);
      await audit(tx, caller, { action: 'webhook.test', ...targetOf(id) });
      return result;
    });
  }

  private async post(url: string, content: HttpContent): Promise<TestResult> {
    const start = performance.now();
    const result = await this.http.post(url, content).then(
      ({ status }) => ({
        response_status: status,
        error: isSuccess(status) ? null : `It responded with ${status}.`,
      }),
      (error: unknown) => {
        if (!(error instanceof OutboundError)) throw error;
        return { response_status: null, error: error.message };
      },
    );
    return { ...result, duration_ms: Math.round(performance.now() - start) };
  }

  private assertMaySendTo(url: string): void {
    const objection = this.http.objectionTo(url);
    if (objection) throw invalidField('url', objection);
  }
}

const targetOf = (id: string) => ({ targetType: 'webhook' as const, targetId: id });

const tooManySecrets = (until: Date): Problem =>
  new Problem(
    'conflict',
    `Three secrets are valid until ${until.toISOString()}: wait until then, or set revoke_previous_secrets.`,
  );
