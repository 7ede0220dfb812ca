import { Module } from '@nestjs/common';
import { AccessModule } from '#access';
import { IdentityModule } from '#identity';
import { TokenController } from './token.controller.js';

@Module({ imports: [AccessModule, IdentityModule], controllers: [TokenController] })
export class DevModule {}
