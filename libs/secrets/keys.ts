import { createHash, hkdfSync } from 'node:crypto';

export interface EncryptionKey {
  /** Stands in front of each ciphertext; reveals nothing of the key. */
  id: string;
  bytes: Buffer;
}

const KEY_BYTES = 32;
const ID_CHARACTERS = 8;

/** SECRETS_KEY is a text of any form: HKDF-SHA256 makes an AES-256 key and the key's id of it. */
export function deriveKey(secret: string): EncryptionKey {
  const id = createHash('sha256').update(derive(secret, 'key id')).digest('hex').slice(0, ID_CHARACTERS);
  return { id, bytes: derive(secret, 'encryption') };
}

const derive = (secret: string, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'tidings secrets v1', use, KEY_BYTES));
