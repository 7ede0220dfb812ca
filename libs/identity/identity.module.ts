import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiKeys } from './api-keys.service.js';
import { UserDeletion } from './deletion.entity.js';
import { Deletions } from './deletions.service.js';
import { ApiKey, Member, MemberWord, Organization, Role, User } from './entities.js';
import { Members } from './members.service.js';
import { Memberships } from './memberships.js';
import { Organizations } from './organizations.service.js';
import { Roles } from './roles.service.js';

const services = [Organizations, Members, Memberships, Roles, ApiKeys, Deletions];

@Module({
  imports: [TypeOrmModule.forFeature([Organization, User, Role, Member, MemberWord, ApiKey, UserDeletion])],
  providers: services,
  exports: services,
})
export class IdentityModule {}
