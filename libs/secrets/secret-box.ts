import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type WorkerConfig } from '#config';
import { type EncryptionKey, deriveKey } from './keys.js';
import { UnreadableSecret } from './unreadable-secret.js';

/**
 * The row that a secret belongs to. It is authenticated, so a ciphertext that is copied to another row cannot be
 * read.
 */
export interface SecretPlace {
  organizationId: string;
  purpose: string;
  /** Set if an organization has several secrets of this purpose. */
  id?: string;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'enc:v1:';

/** Encrypts secrets for the database with SECRETS_KEY. It can also decrypt those of SECRETS_KEY_PREVIOUS. */
@Injectable()
export class SecretBox {
  private readonly logger = new Logger('Secrets');
  private readonly current: EncryptionKey;
  private readonly keys: Map<string, EncryptionKey>;
  private readonly reported = new Set<string>();

  constructor(@Inject(CONFIG) { secrets }: Pick<WorkerConfig, 'secrets'>) {
    this.current = deriveKey(secrets.key);
    const previous = secrets.previousKey === undefined ? [] : [deriveKey(secrets.previousKey)];
    this.keys = new Map([...previous, this.current].map((key) => [key.id, key]));
    if (secrets.isDevelopmentKey) {
      this.logger.log('SECRETS_KEY is not set: secrets are encrypted with the public development key');
    }
  }

  encrypt(text: string, place: SecretPlace): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.current.bytes, iv).setAAD(authenticated(place));
    const encrypted = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}${this.current.id}:${encrypted.toString('base64url')}`;
  }

  /** Returns secrets from before encryption at rest unchanged. */
  decrypt(stored: string, place: SecretPlace): string {
    if (!stored.startsWith(VERSION)) return stored;
    const [keyId = '', content = ''] = stored.slice(VERSION.length).split(':');
    const key = this.keys.get(keyId);
    if (!key) throw this.unreadable(`${keyId}, which is neither SECRETS_KEY nor SECRETS_KEY_PREVIOUS`, place);
    try {
      const bytes = Buffer.from(content, 'base64url');
      const decipher = createDecipheriv(ALGORITHM, key.bytes, bytes.subarray(0, IV_BYTES))
        .setAAD(authenticated(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([
        decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]).toString('utf8');
    } catch {
      throw this.unreadable(`${keyId}, but was made for another row or is damaged`, place);
    }
  }

  /** False for clear text, and for ciphertexts of another key. */
  isCurrent(stored: string): boolean {
    return stored.startsWith(`${VERSION}${this.current.id}:`);
  }

  /** Logs each cause and purpose once: retried deliveries of an endpoint would fill the log. */
  private unreadable(cause: string, { organizationId, purpose }: SecretPlace): UnreadableSecret {
    const message = `A secret of purpose ${purpose} is encrypted with key ${cause}.`;
    if (!this.reported.has(message)) {
      this.reported.add(message);
      this.logger.error({ organizationId, purpose }, message);
    }
    return new UnreadableSecret(message);
  }
}

const authenticated = ({ organizationId, purpose, id = '' }: SecretPlace): Buffer =>
  Buffer.from(JSON.stringify([organizationId, purpose, id]));
