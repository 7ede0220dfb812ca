import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { IdentityModule } from '#identity';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessGuard } from './access.guard.js';
import { ActAsRead } from './act-as.entity.js';
import { ActAsGuard } from './act-as.guard.js';
import { ActAsTraceService } from './act-as-trace.service.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { CallerResolver } from './caller-resolver.js';
import { JwtStrategy } from './jwt.strategy.js';
import { RouteCheck } from './route-check.js';
import { TokenVerifier } from './token-verifier.js';

@Module({
  imports: [IdentityModule, DiscoveryModule, TypeOrmModule.forFeature([ActAsRead])],
  providers: [
    TokenVerifier,
    JwtStrategy,
    ApiKeyStrategy,
    CallerResolver,
    RouteCheck,
    ActAsTraceService,
    AccessGuard,
    ActAsGuard,
  ],
  exports: [TokenVerifier, AccessGuard, ActAsGuard],
})
export class AccessModule {}
