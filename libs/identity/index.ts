export { IdentityModule } from './identity.module.js';
export { Organizations } from './organizations.service.js';
export { Members, type Visibility } from './members.service.js';
export { type Membership, Memberships } from './memberships.js';
export { Deletions } from './deletions.service.js';
export {
  type Deletion,
  findDeletion,
  finishDeletion,
  lockUser,
  organizationsOf,
} from './deletions.repository.js';
export {
  type Erased,
  type ErasureStep,
  countErased,
  eraseMember,
  erasureBy,
  lockErased,
  removeErased,
} from './erasure.repository.js';
export { IDENTITY_RETENTION } from './retention.js';
export { Roles } from './roles.service.js';
export type { ListedApiKey } from './api-keys.repository.js';
export { type ApiKeyInput, ApiKeys } from './api-keys.service.js';
export { type MemberInput, lockMembers, sendsOf } from './members.repository.js';
export type { ApiKey, Member, Organization, Role } from './entities.js';
export {
  type Caller,
  PLATFORM_ORGANIZATION,
  type PersonCaller,
  WHOLE_ORGANIZATION,
  asOrganization,
  principalOf,
} from './caller.js';
export { assertStillHolds } from './authorization.js';
export { ALL, PERMISSIONS, type Permission, expand } from './permissions.js';
export { isId, personCondition, usernameKey } from './person.js';
export { isShort, prefixOf, startOf, wordsOf } from './search-words.js';
export { isTimeZone } from './time-zone.js';
