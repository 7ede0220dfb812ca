import type { PoolClient } from 'pg';
import type { IdempotentRequest } from './idempotency.js';
import { corkUntilNextTick } from './transaction.js';

/** Marks the scope of a transaction. This lib alone knows the symbol, so that only methods of Database set it. */
export const SCOPE = Symbol('scope');

/** The organization whose rows a transaction may see, and the person, if it acts for one. */
export interface Tenant {
  organizationId: string;
  userId?: string;
  /** What the policies show beyond the rows of the person. No id grants this. */
  [SCOPE]?: 'organization' | 'platform';
  idempotency?: IdempotentRequest;
  /**
   * Credentials are not verified yet: the transaction uses UNVERIFIED_CONNECTIONS, none of the organization's share.
   */
  isUnverified?: boolean;
}

/** Keeps the organization of the tenant, leaves out the person, and sets the scope. */
export const withScope = (
  { organizationId, idempotency, isUnverified }: Tenant,
  scope: Tenant[typeof SCOPE],
): Tenant => ({ organizationId, [SCOPE]: scope, idempotency, isUnverified });

/**
 * Sends BEGIN and the tenant's settings in one message, without waiting for the response: the first statement follows
 * on the same connection. If this message failed, that statement would find no tenant set, and so no rows.
 */
export function beginFor(
  { organizationId, userId = '', [SCOPE]: scope }: Tenant,
  client: PoolClient,
): Promise<unknown> {
  corkUntilNextTick(client);
  const begun = client.query(
    `BEGIN; SET LOCAL tidings.organization_id = ${client.escapeLiteral(organizationId)};
     SET LOCAL tidings.user_id = ${client.escapeLiteral(userId)};
     SET LOCAL tidings.scope = '${scope ?? ''}'`,
  );
  begun.catch(() => undefined);
  return begun;
}
