import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SecretsModule } from '#secrets';
import { OrganizationKey } from './organization-key.entity.js';
import { OutboundHttp } from './outbound-http.js';

/** Shared by the channels that send outside the app. */
@Module({
  imports: [TypeOrmModule.forFeature([OrganizationKey]), SecretsModule],
  providers: [OutboundHttp],
  exports: [OutboundHttp, SecretsModule],
})
export class OutboundModule {}
