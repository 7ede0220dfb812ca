import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The claims of an unsubscribe link. The token does not expire by itself, because mails are kept. Only its key can
 * expire.
 */
export interface UnsubscribeClaims {
  organizationId: string;
  userId: string;
  /** null for all types that are sent in digests, because the mail was a digest. */
  type: string | null;
}

/** A key that signs the unsubscribe links of an organization. */
export interface UnsubscribeKey {
  key: string;
}

const ID_BYTES = 16;
const SIGNATURE_BYTES = 16;
const SHORTEST = 2 * ID_BYTES + SIGNATURE_BYTES;

const sign = (content: Buffer, { key }: UnsubscribeKey): Buffer =>
  createHmac('sha256', Buffer.from(key, 'base64url')).update(content).digest().subarray(0, SIGNATURE_BYTES);

export function writeToken({ organizationId, userId, type }: UnsubscribeClaims, key: UnsubscribeKey): string {
  const content = Buffer.concat([bytesOf(organizationId), bytesOf(userId), Buffer.from(type ?? '')]);
  return Buffer.concat([content, sign(content, key)]).toString('base64url');
}

/** Reads the claims before the signature is verified. Returns undefined for an invalid token. */
export function readToken(
  token: string,
): { claims: UnsubscribeClaims; isSignedWith: (key: UnsubscribeKey) => boolean } | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // The decoder ignores characters that are not base64, so this check leaves one valid spelling for a token.
  if (bytes.length < SHORTEST || bytes.toString('base64url') !== token) return undefined;
  const content = bytes.subarray(0, -SIGNATURE_BYTES);
  const signature = bytes.subarray(-SIGNATURE_BYTES);
  const type = content.subarray(2 * ID_BYTES).toString();
  return {
    claims: {
      organizationId: idAt(content, 0),
      userId: idAt(content, ID_BYTES),
      type: type === '' ? null : type,
    },
    isSignedWith: (key) => timingSafeEqual(signature, sign(content, key)),
  };
}

const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

const idAt = (bytes: Buffer, start: number): string =>
  bytes
    .toString('hex', start, start + ID_BYTES)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
