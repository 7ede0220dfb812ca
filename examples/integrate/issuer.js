import { randomUUID } from 'node:crypto';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

/** Signs the tokens of your users. Keep the private key where your back end keeps its other secrets. */
export async function createIssuer({ issuer, audience }) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const kid = randomUUID();
  return {
    /** The JWKS for AUTH_JWKS_URL: public keys only. */
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] },

    sign: ({ userId, organizationId }) =>
      new SignJWT({ org: organizationId })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('15 minutes')
        .sign(privateKey),
  };
}
