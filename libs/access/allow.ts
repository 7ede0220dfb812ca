import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiHeader, ApiSecurity } from '@nestjs/swagger';
import type { Permission } from '#identity';

/**
 * Who may call a route: 'person' is any member, or a service on behalf of one; 'platform' is the platform key; a
 * permission is any caller who has it.
 */
export type Allowed = 'person' | 'platform' | Permission;

export const ALLOWED = 'tidings:allowed';

/** Names of the security schemes in the OpenAPI document. */
export const PERSON_SCHEME = 'person';
export const SERVICE_SCHEME = 'service';

/** Any one of these is enough. */
export function Allow(...allowed: [Allowed, ...Allowed[]]): MethodDecorator & ClassDecorator {
  const platformOnly = allowed.every((one) => one === 'platform');
  return applyDecorators(
    SetMetadata(ALLOWED, allowed),
    ApiExtension('x-allow', allowed),
    ...(platformOnly ? [] : [ApiSecurity(PERSON_SCHEME)]),
    ApiSecurity(SERVICE_SCHEME),
    ...(allowed.includes('person') ? [onBehalfOf] : []),
    ...(platformOnly ? [] : [organization]),
  );
}

/** For everybody, without credentials. */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ALLOWED, []), ApiExtension('x-allow', []));

const onBehalfOf = ApiHeader({
  name: 'X-On-Behalf-Of',
  required: false,
  description: 'For services with the scope act_as: the person to act for, by id or username.',
  schema: { type: 'string' },
});

const organization = ApiHeader({
  name: 'X-Organization-Id',
  required: false,
  description:
    'For the platform key: the organization of this request. Other callers can name only their own.',
  schema: { type: 'string', format: 'uuid' },
});
