import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import type { CredentialRequest, Credentials } from './credentials.js';
import { TokenVerifier } from './token-verifier.js';

const BEARER = /^Bearer +([\w.~+/=-]+)$/i;

/** Authenticates people by Authorization: Bearer <JWT>. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(private readonly tokens: TokenVerifier) {
    super();
  }

  async validate(request: unknown): Promise<Credentials | null> {
    const { authorization } = (request as CredentialRequest).headers;
    const token = typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined;
    return token ? { kind: 'person', ...(await this.tokens.verify(token)) } : null;
  }
}
