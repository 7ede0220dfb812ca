import { type CallOptions, type Http, path } from '../../http.js';
import type {
  NewWebhook,
  Webhook,
  WebhookChange,
  WebhookTestResult,
  WebhookWithSecret,
} from '../administration-types.js';
import type { Page, PageQuery } from '../types.js';

/**
 * Webhooks. Needs the permission `webhooks:manage`.
 *
 * @example
 * const { secret } = await server.webhooks.create({ url: 'https://example.com/hooks/tidings', types: ['BILLING'] });
 */
export class WebhookRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the webhooks, newest first, without their secrets. */
  list = (query: PageQuery = {}, options?: CallOptions): Promise<Page<Webhook>> =>
    this.http.get('admin/webhooks', query, options);

  /**
   * Creates a webhook. The secret is shown once: it is null if the response of a first attempt was lost. Then rotate it.
   */
  create = (webhook: NewWebhook, options?: CallOptions): Promise<WebhookWithSecret> =>
    this.http.post('admin/webhooks', webhook, options);

  /** Changes a webhook, or rotates its secret. A rotation is not repeated: each attempt would make a new secret. */
  update = (id: string, change: WebhookChange, options?: CallOptions): Promise<WebhookWithSecret> =>
    this.http.request('PATCH', path`admin/webhooks/${id}`, {
      body: change,
      attempts: change.rotate_secret ? 1 : undefined,
      ...options,
    });

  /** Deletes a webhook. Its waiting deliveries are cancelled. */
  delete = (id: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`admin/webhooks/${id}`, {}, options);

  /** Sends a test event now, and returns how the endpoint responded. */
  test = (id: string, options?: CallOptions): Promise<WebhookTestResult> =>
    this.http.post(path`admin/webhooks/${id}/test`, {}, options);
}
