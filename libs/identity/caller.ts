import { NIL } from 'uuid';
import type { Actor } from '#audit';
import type { Tenant } from '#database';
import { Problem } from '#problem';
import type { Permission } from './permissions.js';

/** Who makes a request: in which organization, as which person or with which key, and what they may do. */
export interface Caller extends Tenant, Actor {
  /** What the role permits; for a key its scopes; for a key on behalf of a person what both permit. */
  permissions: ReadonlySet<Permission>;
}

/** The organization of the platform itself: without members, but with keys and an audit log. */
export const PLATFORM_ORGANIZATION: string = NIL;

/** For what an organization has and the platform has not. */
export function assertOrganization({ organizationId }: Tenant): void {
  if (organizationId !== PLATFORM_ORGANIZATION) return;
  throw new Problem('conflict', 'The platform itself has keys, but neither members nor roles.');
}

/** Tells callers apart where their requests are counted or remembered. */
export const principalOf = ({ kind, keyId, userId }: Pick<Caller, 'kind' | 'keyId' | 'userId'>): string =>
  [kind, keyId, userId].filter((part) => part !== undefined).join(':');

/** A caller who is a person, or a service on behalf of one. */
export type PersonCaller = Caller & { userId: string };
