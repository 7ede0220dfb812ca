import type { VerifiedClaims } from './token-verifier.js';

/** The result of a strategy, which authenticates the sender of a request. The guard resolves it to a caller. */
export type Credentials =
  | ({ kind: 'person' } & VerifiedClaims)
  | { kind: 'service'; organizationId: string; keyId: string; scopes: string[] }
  | { kind: 'platform'; keyId?: string };

/** The part of a request that strategies and guard use. */
export interface CredentialRequest {
  id: string;
  headers: Record<string, string | string[] | undefined>;
}
