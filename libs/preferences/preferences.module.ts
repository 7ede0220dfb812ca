import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MemberPreferences, NotificationType, OrganizationPreferences, UserPreferences } from './entities.js';
import { NotificationTypesService } from './notification-types.service.js';
import { OrganizationDefaultsService } from './organization-defaults.service.js';
import { PreferencesService } from './preferences.service.js';

const entities = [NotificationType, OrganizationPreferences, MemberPreferences, UserPreferences];
const services = [PreferencesService, OrganizationDefaultsService, NotificationTypesService];

@Module({ imports: [TypeOrmModule.forFeature(entities)], providers: services, exports: services })
export class PreferencesModule {}
