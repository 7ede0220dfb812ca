import { createHmac, timingSafeEqual } from 'node:crypto';

/** What the link of a mail is about. It does not expire by itself, as mails are kept; only its key can. */
export interface UnsubscribeClaims {
  organizationId: string;
  userId: string;
  /** null for all that is gathered into digests, since that is what the mail was. */
  type: string | null;
}

/** What an organization signs the links of its mails with. */
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

/** What a token says that may be anybody's; undefined where it is none. */
export function readToken(
  token: string,
): { claims: UnsubscribeClaims; isSignedWith: (key: UnsubscribeKey) => boolean } | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // What is no base64 is passed over in reading: a token has one spelling only.
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
