import { ALL, type Caller, type Permission } from '#identity';
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

const MAY_READ: Permission = 'messages:monitor';
const GRANTS_READING = `&& ARRAY['${ALL}', '${MAY_READ}']`;

/**
 * Whether the owner holds messages:monitor now, by the role of the member and the scopes of the key. A service on
 * behalf of a person needs both. Removed members and revoked or expired keys hold nothing, and a person who is a
 * member again must set the endpoint again. The platform holds everything. Endpoints without an owner are from before
 * owners were stored, and get no content.
 */
export const MAY_READ_MESSAGES = `(
  configured_by_kind IS NOT NULL
  AND (configured_by_kind <> 'service' OR EXISTS (
    SELECT FROM api_keys
    WHERE api_keys.organization_id = webhook_endpoints.organization_id AND api_keys.id = configured_by_key_id
      AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AND scopes ${GRANTS_READING}))
  AND (configured_by_kind <> 'person' AND configured_by_user_id IS NULL OR EXISTS (
    SELECT FROM members JOIN roles ON roles.organization_id = members.organization_id AND roles.name = members.role
    WHERE members.organization_id = webhook_endpoints.organization_id AND members.user_id = configured_by_user_id
      AND removed_at IS NULL AND members.created_at <= configured_at AND NOT app_is_being_deleted(members.user_id) AND permissions ${GRANTS_READING})))`;
