import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { CONFIG, type Config } from '#config';
import { ALL, ApiKeysService, PLATFORM_ORGANIZATION } from '#identity';
import type { CredentialRequest, Credentials } from './credentials.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Authenticates services and the platform by X-Api-Key. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, 'api-key') {
  private readonly platformKey?: Buffer;

  constructor(
    private readonly keys: ApiKeysService,
    @Inject(CONFIG) { platformApiKey }: Config,
  ) {
    super();
    if (platformApiKey) this.platformKey = digest(platformApiKey);
  }

  async validate(request: unknown): Promise<Credentials | null> {
    const header = (request as CredentialRequest).headers['x-api-key'];
    if (typeof header !== 'string') return null;
    if (this.platformKey && timingSafeEqual(this.platformKey, digest(header))) return { kind: 'platform' };

    const key = await this.keys.verify(header);
    if (!key) return null;
    if (key.organization_id === PLATFORM_ORGANIZATION) {
      return key.scopes.includes(ALL) ? { kind: 'platform', keyId: key.id } : null;
    }
    return { kind: 'service', organizationId: key.organization_id, keyId: key.id, scopes: key.scopes };
  }
}
