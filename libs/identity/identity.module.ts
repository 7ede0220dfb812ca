import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiKeysService } from './api-keys.service.js';
import { UserDeletion } from './deletion.entity.js';
import { DeletionsService } from './deletions.service.js';
import { ApiKey, Member, MemberWord, Organization, Role, User } from './entities.js';
import { MembersService } from './members.service.js';
import { Memberships } from './memberships.js';
import { OrganizationsService } from './organizations.service.js';
import { RolesService } from './roles.service.js';

const services = [
  OrganizationsService,
  MembersService,
  Memberships,
  RolesService,
  ApiKeysService,
  DeletionsService,
];

/** The entity that a worker needs to finish the deletion of a person, without the services for requests. */
@Module({ imports: [TypeOrmModule.forFeature([User])] })
export class UserErasureModule {}

@Module({
  imports: [TypeOrmModule.forFeature([Organization, User, Role, Member, MemberWord, ApiKey, UserDeletion])],
  providers: services,
  exports: services,
})
export class IdentityModule {}
