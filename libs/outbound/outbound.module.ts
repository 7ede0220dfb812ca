import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SecretsModule } from '#secrets';
import { OrganizationKey } from './organization-key.entity.js';
import { OutboundHttp } from './outbound-http.js';

/** What every channel that leads out of here needs. */
@Module({
  imports: [TypeOrmModule.forFeature([OrganizationKey]), SecretsModule],
  providers: [OutboundHttp],
  exports: [OutboundHttp, SecretsModule],
})
export class OutboundModule {}
