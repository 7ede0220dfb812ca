import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { audit } from '#audit';
import { Database } from '#database';
import { type Caller, asOrganization } from '#identity';
import { Problem, invalidField, notFound } from '#problem';
import { OutgoingHttp } from './outgoing-http.js';
import { Refusal } from './refusal.js';
import { isSuccess } from './webhook-carrier.js';
import * as endpoints from './webhook-endpoints.repository.js';
import type { EndpointRow } from './webhook-endpoints.repository.js';
import { signed, testMessage } from './webhook-message.js';

export interface EndpointInput {
  url: string;
  types?: string[] | null;
  /** Made here unless it must be known beforehand, as in the demo. */
  id?: string;
}

export interface EndpointPatch {
  url?: string;
  types?: string[] | null;
  enabled?: boolean;
  rotate_secret?: boolean;
}

/** The secret leaves here once, when it is made. */
export type EndpointWithSecret = EndpointRow & { secret: string | null };

export interface TestResult {
  /** null where nothing has answered. */
  response_status: number | null;
  error: string | null;
  duration_ms: number;
}

export const MOST_ENDPOINTS = 10;

/** Where an organization is told over HTTP. */
@Injectable()
export class WebhookEndpoints {
  constructor(
    private readonly database: Database,
    private readonly http: OutgoingHttp,
  ) {}

  list(caller: Caller, page: { limit: number; before?: string }): Promise<EndpointRow[]> {
    return this.database.tenantTransaction(asOrganization(caller), (tx) => endpoints.listEndpoints(tx, page));
  }

  /** A replay of the same request comes back without the secret, which is kept for signing alone. */
  async create(
    caller: Caller,
    { url, types = null, id = uuid() }: EndpointInput,
  ): Promise<EndpointWithSecret> {
    this.assertMaySendTo(url);
    const secret = makeSecret();
    const endpoint = await this.database.tenantTransaction(asOrganization(caller), async (tx) => {
      const created = await endpoints.insertEndpoint(tx, { id, url, types, secret }, MOST_ENDPOINTS);
      if (!created) {
        throw new Problem('conflict', `There are ${MOST_ENDPOINTS} endpoints already, which is the most.`);
      }
      await audit(tx, caller, { action: 'webhook.create', targetType: 'webhook', targetId: id });
      return created;
    });
    return { ...endpoint, secret: endpoint.id === id ? secret : null };
  }

  async change(
    caller: Caller,
    id: string,
    { rotate_secret = false, ...patch }: EndpointPatch,
  ): Promise<EndpointWithSecret> {
    if (patch.url !== undefined) this.assertMaySendTo(patch.url);
    const secret = rotate_secret ? makeSecret() : undefined;
    const fields = Object.entries(patch).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    const changed = await this.database.tenantTransaction(asOrganization(caller), async (tx) => {
      const endpoint = await endpoints.changeEndpoint(tx, id, { ...patch, secret });
      if (!endpoint) throw notFound();
      const target = { targetType: 'webhook', targetId: id };
      if (fields.length > 0)
        await audit(tx, caller, { action: 'webhook.update', ...target, details: { fields } });
      if (secret) await audit(tx, caller, { action: 'webhook.rotate', ...target });
      return endpoint;
    });
    return { ...changed, secret: secret ?? null };
  }

  async delete(caller: Caller, id: string): Promise<void> {
    await this.database.tenantTransaction(asOrganization(caller), async (tx) => {
      if (!(await endpoints.deleteEndpoint(tx, id))) throw notFound();
      await audit(tx, caller, { action: 'webhook.delete', targetType: 'webhook', targetId: id });
    });
  }

  /**
   * Sends an event that means nothing, even to an endpoint that is disabled, and says what came of it. Nothing is held
   * in the database meanwhile; so a replay sends it again, and is answered as the first was.
   */
  async test(caller: Caller, id: string): Promise<TestResult> {
    const tenant = asOrganization(caller);
    const target = await this.database.tenantTransaction({ ...tenant, idempotency: undefined }, (tx) =>
      endpoints.findTarget(tx, id),
    );
    if (!target) throw notFound();
    const result = await this.tell(target, testMessage(uuid(), caller.organizationId, id));
    return this.database.tenantTransaction(tenant, async (tx) => {
      await audit(tx, caller, { action: 'webhook.test', targetType: 'webhook', targetId: id });
      return result;
    });
  }

  private async tell(target: endpoints.Target, message: ReturnType<typeof testMessage>): Promise<TestResult> {
    const start = performance.now();
    const result = await this.http.post(target.url, signed(message, target)).then(
      ({ status }) => ({
        response_status: status,
        error: isSuccess(status) ? null : `It answered ${status}.`,
      }),
      (error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
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

/** As Standard Webhooks writes them. */
const makeSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
