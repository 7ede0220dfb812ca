import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MemberPreferences, NotificationType, OrganizationPreferences, UserPreferences } from './entities.js';
import { NotificationTypes } from './notification-types.service.js';
import { OrganizationDefaults } from './organization-defaults.service.js';
import { Preferences } from './preferences.service.js';

const entities = [NotificationType, OrganizationPreferences, MemberPreferences, UserPreferences];
const services = [Preferences, OrganizationDefaults, NotificationTypes];

@Module({ imports: [TypeOrmModule.forFeature(entities)], providers: services, exports: services })
export class PreferencesModule {}
