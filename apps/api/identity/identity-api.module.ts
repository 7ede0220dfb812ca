import { Module } from '@nestjs/common';
import { IdentityModule } from '#identity';
import { ApiKeysController } from './api-keys.controller.js';
import { MeController } from './me.controller.js';
import { MembersController } from './members.controller.js';
import { OrganizationsController } from './organizations.controller.js';
import { RolesController } from './roles.controller.js';

@Module({
  imports: [IdentityModule],
  controllers: [MeController, MembersController, RolesController, ApiKeysController, OrganizationsController],
})
export class IdentityApiModule {}
