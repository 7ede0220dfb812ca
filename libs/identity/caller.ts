import { NIL } from 'uuid';
import type { Actor } from '#audit';
import type { Tenant } from '#database';
import { Problem } from '#problem';
import type { Permission } from './permissions.js';

/** Who sends a request: the organization, the person or key, and the permissions. */
export interface Caller extends Tenant, Actor {
  /** The permissions of the role, the scopes of the key, or, for a key on behalf of a person, those that both have. */
  permissions: ReadonlySet<Permission>;
}

/** The organization of the platform itself. It has no members, but keys and an audit log. */
export const PLATFORM_ORGANIZATION: string = NIL;

/** Refuses the platform where an organization is required. */
export function assertOrganization({ organizationId }: Tenant): void {
  if (organizationId !== PLATFORM_ORGANIZATION) return;
  throw new Problem(
    'conflict',
    'The platform has neither members nor roles: name an organization in X-Organization-Id.',
  );
}

/** Identifies a caller for rate limits and Idempotency-Keys. */
export const principalOf = ({ kind, keyId, userId }: Pick<Caller, 'kind' | 'keyId' | 'userId'>): string =>
  [kind, keyId, userId].filter((part) => part !== undefined).join(':');

/** A caller who is a person, or a service on behalf of one. */
export type PersonCaller = Caller & { userId: string };
