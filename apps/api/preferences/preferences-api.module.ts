import { Module } from '@nestjs/common';
import { PreferencesModule } from '#preferences';
import { NotificationTypesController } from './notification-types.controller.js';
import { OrganizationDefaultsController } from './organization-defaults.controller.js';
import { PreferencesController } from './preferences.controller.js';

@Module({
  imports: [PreferencesModule],
  controllers: [PreferencesController, OrganizationDefaultsController, NotificationTypesController],
})
export class PreferencesApiModule {}
