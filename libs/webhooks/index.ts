export { WebhookEndpoint } from './webhook-endpoint.entity.js';
export type { EndpointRow } from './webhook-endpoints.queries.js';
export {
  type EndpointWithSecret,
  MAX_ENDPOINTS,
  type TestResult,
  WebhookEndpointsService,
} from './webhook-endpoints.service.js';
export { placeOfWebhookSecret } from './webhook-secrets.js';
export { lockSecrets, replaceSecrets } from './webhook-secrets.queries.js';
export { WebhookSender } from './webhook-sender.js';
export { WebhookSenderModule, WebhooksModule } from './webhooks.module.js';
