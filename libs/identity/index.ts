export { type ListedApiKey, isLiveKey } from './api-keys.queries.js';
export { ApiKeysService } from './api-keys.service.js';
export { assertStillHolds } from './authorization.js';
export { type Caller, PLATFORM_ORGANIZATION, type PersonCaller, principalOf } from './caller.js';
export {
  type Deletion,
  findDeletion,
  finishDeletion,
  lockUser,
  organizationsOf,
} from './deletions.queries.js';
export { DeletionsService } from './deletions.service.js';
export { type ApiKey, IS_VISIBLE, type Member, type Organization, type Role } from './entities.js';
export {
  type ErasureStep,
  countErased,
  eraseMember,
  erasureBy,
  lockErased,
  removeErased,
} from './erasure.queries.js';
export { IdentityModule, UserErasureModule } from './identity.module.js';
export { leaveSomeGroups, lockMembers, lockRemoved, sendsOf } from './members.queries.js';
export { MembersService } from './members.service.js';
export { Memberships } from './memberships.js';
export { allOrganizations, organizationsAfter } from './organizations.queries.js';
export { OrganizationsService } from './organizations.service.js';
export { ALL, PERMISSIONS, type Permission, expand } from './permissions.js';
export { isId, personCondition, usernameKey } from './person.js';
export { IDENTITY_RETENTION } from './retention.js';
export { RolesService } from './roles.service.js';
export { isShort, prefixOf, startOf, wordsOf } from './search-words.js';
export { isTimeZone } from './time-zone.js';
