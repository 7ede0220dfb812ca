import { createHash, hkdfSync } from 'node:crypto';

export interface EncryptionKey {
  /** The prefix of each ciphertext. It reveals nothing about the key. */
  id: string;
  bytes: Buffer;
}

const KEY_BYTES = 32;
const ID_CHARACTERS = 8;

/** SECRETS_KEY is any text: HKDF-SHA256 derives an AES-256 key and the id of the key. */
export function deriveKey(secret: string): EncryptionKey {
  const id = createHash('sha256').update(derive(secret, 'key id')).digest('hex').slice(0, ID_CHARACTERS);
  return { id, bytes: derive(secret, 'encryption') };
}

const derive = (secret: string, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'tidings secrets v1', use, KEY_BYTES));
