import { Module } from '@nestjs/common';
import { BlockingModule } from '#blocking';
import { IdentityModule } from '#identity';
import { ApiKeysController } from './api-keys.controller.js';
import { MeController } from './me.controller.js';
import { MembersController } from './members.controller.js';
import { OrganizationsController } from './organizations.controller.js';
import { RolesController } from './roles.controller.js';
import { UsersController } from './users.controller.js';

@Module({
  imports: [IdentityModule, BlockingModule],
  controllers: [
    MeController,
    MembersController,
    RolesController,
    ApiKeysController,
    OrganizationsController,
    UsersController,
  ],
})
export class IdentityApiModule {}
