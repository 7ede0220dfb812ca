import type { OpenAPIObject } from '@nestjs/swagger';
import type { Allowed } from '#access';
import { isPublic, routesOf } from './document-types.js';

/** Adds to every description who may call the operation, and marks public operations. */
export function describeAudience(document: OpenAPIObject): void {
  for (const { operation } of routesOf(document)) {
    if (isPublic(operation)) operation.security = [];
    const audience = `*Allowed: ${audienceOf(operation['x-allow'] ?? [])}.*`;
    operation.description = [operation.description, audience].filter(Boolean).join('\n\n');
  }
}

const audienceOf = (allowed: Allowed[]): string =>
  allowed.length === 0 ? 'anybody, without credentials' : allowed.map(nameAllowed).join(', or ');

function nameAllowed(allowed: Allowed): string {
  if (allowed === 'person') return 'people, and services on their behalf';
  return allowed === 'platform' ? 'the platform key' : `callers with the permission \`${allowed}\``;
}
