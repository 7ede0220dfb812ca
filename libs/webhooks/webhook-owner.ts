import type { Caller } from '#identity';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** The caller who last set the URL or the types of an endpoint, and who is responsible for what is sent there. */
export type Owner = Pick<
  WebhookEndpoint,
  'configured_by_kind' | 'configured_by_user_id' | 'configured_by_key_id'
>;

export const ownerOf = ({ kind, userId, keyId }: Caller): Owner => ({
  configured_by_kind: kind,
  configured_by_user_id: userId ?? null,
  configured_by_key_id: keyId ?? null,
});
