import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'td_';
const ID_BYTES = 16;
const SECRET_BYTES = 32;
const CHECKSUM_BYTES = 4;
const BYTES = ID_BYTES + ID_BYTES + SECRET_BYTES + CHECKSUM_BYTES;

export interface ParsedKey {
  organizationId: string;
  id: string;
  secretHash: Buffer;
}

/**
 * The key is td_ and, in base64url: organization, id, secret, CRC-32 of these. The prefix lets scanners find leaked
 * keys. The checksum refuses mistyped keys without a query. The organization says where to look the key up.
 */
export function makeKey(organizationId: string, id: string): { text: string; secretHash: Buffer } {
  const secret = randomBytes(SECRET_BYTES);
  const body = Buffer.concat([bytesOf(organizationId), bytesOf(id), secret]);
  return {
    text: PREFIX + Buffer.concat([body, checksum(body)]).toString('base64url'),
    secretHash: hash(secret),
  };
}

export function parseKey(text: string): ParsedKey | null {
  if (!text.startsWith(PREFIX)) return null;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  if (bytes.length !== BYTES || bytes.toString('base64url') !== text.slice(PREFIX.length)) return null;
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!checksum(body).equals(bytes.subarray(-CHECKSUM_BYTES))) return null;
  return {
    organizationId: uuidOf(body.subarray(0, ID_BYTES)),
    id: uuidOf(body.subarray(ID_BYTES, 2 * ID_BYTES)),
    secretHash: hash(body.subarray(2 * ID_BYTES)),
  };
}

/** 256 random bits need no slow hash, because they cannot be guessed. */
const hash = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();

function checksum(body: Buffer): Buffer {
  const bytes = Buffer.alloc(CHECKSUM_BYTES);
  bytes.writeUInt32BE(crc32(body));
  return bytes;
}

const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

const uuidOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
