import { ALL, type Permission, isLiveKey } from '#identity';

const MAY_READ: Permission = 'messages:monitor';
const GRANTS_READING = `&& ARRAY['${ALL}', '${MAY_READ}']`;

/**
 * Whether the owner holds messages:monitor now: a member by their role, a service by the scopes of its key, a service
 * on behalf of a person by both. Removed members and revoked or expired keys hold nothing; a person who was removed and
 * is a member again must set the endpoint again. The platform holds everything. Endpoints without an owner, from before
 * owners were stored, get no content.
 */
export const MAY_READ_MESSAGES = `(
  configured_by_kind IS NOT NULL
  AND (configured_by_kind <> 'service' OR EXISTS (
    SELECT FROM api_keys
    WHERE api_keys.organization_id = webhook_endpoints.organization_id AND api_keys.id = configured_by_key_id
      AND ${isLiveKey()} AND scopes ${GRANTS_READING}))
  AND (configured_by_kind <> 'person' AND configured_by_user_id IS NULL OR EXISTS (
    SELECT FROM members JOIN roles ON roles.organization_id = members.organization_id AND roles.name = members.role
    WHERE members.organization_id = webhook_endpoints.organization_id AND members.user_id = configured_by_user_id
      AND removed_at IS NULL AND members.created_at <= configured_at AND NOT app_is_being_deleted(members.user_id) AND permissions ${GRANTS_READING})))`;
