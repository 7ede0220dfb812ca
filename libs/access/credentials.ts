import type { VerifiedClaims } from './token-verifier.js';

/** What a strategy has proved about who sends a request. The guard makes a caller of it. */
export type Credentials =
  | ({ kind: 'person' } & VerifiedClaims)
  | { kind: 'service'; organizationId: string; keyId: string; scopes: string[] }
  | { kind: 'platform'; keyId?: string };

/** The part of a request that the strategies and the guard look at. */
export interface CredentialRequest {
  id: string;
  headers: Record<string, string | string[] | undefined>;
}
