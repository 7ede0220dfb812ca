import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { IdentityModule } from '#identity';
import { AccessGuard } from './access.guard.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { CallerResolver } from './caller-resolver.js';
import { JwtStrategy } from './jwt.strategy.js';
import { RouteCheck } from './route-check.js';
import { TokenVerifier } from './token-verifier.js';

@Module({
  imports: [IdentityModule, DiscoveryModule],
  providers: [
    TokenVerifier,
    JwtStrategy,
    ApiKeyStrategy,
    CallerResolver,
    RouteCheck,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [TokenVerifier],
})
export class AccessModule {}
