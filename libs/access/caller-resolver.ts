import { Injectable } from '@nestjs/common';
import {
  type Caller,
  Memberships,
  PERMISSIONS,
  PLATFORM_ORGANIZATION,
  type Permission,
  expand,
  isId,
} from '#identity';
import { Problem, invalidField, notFound } from '#problem';
import type { CredentialRequest, Credentials } from './credentials.js';

/** Resolves authenticated credentials to a caller with organization, person or key, and current permissions. */
@Injectable()
export class CallerResolver {
  constructor(private readonly memberships: Memberships) {}

  async resolve(credentials: Credentials, request: CredentialRequest): Promise<Caller> {
    const onBehalfOf = headerOf(request, 'x-on-behalf-of');
    if (credentials.kind !== 'platform') assertNamesOwn(credentials.organizationId, request);
    if (credentials.kind === 'person') {
      if (onBehalfOf)
        throw new Problem(
          'forbidden',
          'Only services can act on behalf of a person: leave X-On-Behalf-Of out.',
        );
      return this.person(credentials, request.id);
    }
    const service =
      credentials.kind === 'service'
        ? fromService(credentials, request.id)
        : await this.platform(credentials, request);
    return onBehalfOf ? this.onBehalfOf(service, onBehalfOf) : service;
  }

  private async person(
    { userId, organizationId }: Extract<Credentials, { kind: 'person' }>,
    requestId: string,
  ): Promise<Caller> {
    // The platform organization has keys but no people.
    const isPlatform = organizationId === PLATFORM_ORGANIZATION;
    const membership = isPlatform ? undefined : await this.memberships.find(organizationId, userId);
    if (!membership)
      throw new Problem(
        'forbidden',
        'You are not a member of the organization of this token: ask an admin to add you.',
      );
    return { kind: 'person', organizationId, userId, permissions: membership.permissions, requestId };
  }

  private async platform(
    { keyId }: Extract<Credentials, { kind: 'platform' }>,
    request: CredentialRequest,
  ): Promise<Caller> {
    const named = headerOf(request, 'x-organization-id')?.toLowerCase();
    if (named && !isId(named)) throw invalidField('X-Organization-Id', 'must be a UUID');
    if (named && !(await this.memberships.organizationExists(named))) throw notFound();
    return {
      kind: 'platform',
      organizationId: named ?? PLATFORM_ORGANIZATION,
      keyId,
      permissions: new Set(PERMISSIONS),
      requestId: request.id,
    };
  }

  /** Grants the permissions that both person and key have, so acting for an admin does not make a key an admin. */
  private async onBehalfOf(service: Caller, person: string): Promise<Caller> {
    if (!service.permissions.has('act_as')) {
      throw new Problem(
        'forbidden',
        'X-On-Behalf-Of needs an API key with the scope act_as: use one, or leave it out.',
      );
    }
    if (service.organizationId === PLATFORM_ORGANIZATION) {
      throw invalidField('X-Organization-Id', 'must be the id of the organization of the person');
    }
    const membership = await this.memberships.find(service.organizationId, person);
    if (!membership) throw notFound();
    return {
      ...service,
      userId: membership.userId,
      permissions: intersection(membership.permissions, service.permissions),
    };
  }
}

const fromService = (
  { organizationId, keyId, scopes }: Extract<Credentials, { kind: 'service' }>,
  requestId: string,
): Caller => ({ kind: 'service', organizationId, keyId, permissions: expand(scopes), requestId });

const intersection = (
  one: ReadonlySet<Permission>,
  other: ReadonlySet<Permission>,
): ReadonlySet<Permission> => new Set([...one].filter((permission) => other.has(permission)));

/** Refuses another organization, whether it exists or not. */
function assertNamesOwn(organizationId: string, request: CredentialRequest): void {
  const named = headerOf(request, 'x-organization-id')?.toLowerCase() ?? organizationId;
  if (named !== organizationId) {
    throw new Problem('forbidden', 'X-Organization-Id names another organization than yours: leave it out.');
  }
}

function headerOf(request: CredentialRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
