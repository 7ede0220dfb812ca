import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { AuthGuard } from '@nestjs/passport';
import { type Caller, PLATFORM_ORGANIZATION, isId } from '#identity';
import { Problem, invalidField } from '#problem';
import { Admission } from './admission.js';
import { ALLOWED, type Allowed } from './allow.js';
import { CallerResolver } from './caller-resolver.js';
import type { CredentialRequest, Credentials } from './credentials.js';

type GuardedRequest = CredentialRequest & { user?: Credentials; caller?: Caller };

/** Denies by default: a request passes only if its route allows the caller. */
@Injectable()
export class AccessGuard extends AuthGuard(['jwt', 'api-key']) {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: CallerResolver,
    private readonly admission: Admission,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const allowed = this.reflector.getAllAndOverride<Allowed[] | undefined>(ALLOWED, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!allowed) throw new Problem('forbidden');
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    if (allowed.length === 0) {
      this.admission.admit(request, null);
      return true;
    }
    if (request.headers.authorization && request.headers['x-api-key']) {
      throw new Problem('unauthenticated', 'Send Authorization or X-Api-Key, not both.');
    }
    request.user = await this.prove(request);
    this.admission.admit(request, organizationOf(request.user, request));
    const caller = await this.callers.resolve(request.user, request);
    if (
      caller.kind === 'platform' &&
      !allowed.includes('platform') &&
      !request.headers['x-organization-id']
    ) {
      throw invalidField(
        'X-Organization-Id',
        'must be the id of the organization that this request is about',
      );
    }
    // Set before the decision, so that refused callers are logged and counted too.
    request.caller = caller;
    assertAllowed(caller, allowed);
    return true;
  }

  /**
   * Authenticates with a passport strategy. Passport gets only the headers: it assigns functions to properties of the
   * request, and what these reference lives until a full garbage collection (see ResilientClient).
   */
  private async prove({ id, headers }: GuardedRequest): Promise<Credentials> {
    const shown: GuardedRequest = { id, headers };
    await super.canActivate(new ExecutionContextHost([shown, {}]));
    return shown.user!;
  }

  override handleRequest<User>(error: unknown, credentials: User | false): User {
    if (error) throw error as Error;
    if (!credentials) throw new Problem('unauthenticated');
    return credentials;
  }
}

/** The platform key acts for the organization of X-Organization-Id. */
function organizationOf(credentials: Credentials, { headers }: CredentialRequest): string {
  if (credentials.kind !== 'platform') return credentials.organizationId;
  const named = headers['x-organization-id'];
  return typeof named === 'string' && isId(named) ? named.toLowerCase() : PLATFORM_ORGANIZATION;
}

function assertAllowed(caller: Caller, allowed: Allowed[]): void {
  if (allowed.includes('platform') && caller.kind === 'platform') return;
  if (allowed.includes('person') && caller.userId) return;
  if (allowed.some((one) => caller.permissions.has(one as never))) return;
  throw new Problem('forbidden', explain(allowed));
}

function explain(allowed: Allowed[]): string {
  const permissions = allowed.filter((one) => one !== 'person' && one !== 'platform');
  if (permissions.length > 0)
    return `This needs the permission ${permissions.join(' or ')}: ask an admin for it.`;
  if (allowed.includes('person'))
    return 'This needs a person: send the token of one, or name one in X-On-Behalf-Of.';
  return 'This needs the platform key: send it in X-Api-Key.';
}
