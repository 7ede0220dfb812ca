import { Module } from '@nestjs/common';
import { DeliveryModule } from '#delivery';
import { PreferencesModule } from '#preferences';
import { NotificationTypesController } from './notification-types.controller.js';
import { OrganizationDefaultsController } from './organization-defaults.controller.js';
import { PreferencesController } from './preferences.controller.js';
import { PushSubscriptionsController } from './push-subscriptions.controller.js';
import { UnsubscribeController } from './unsubscribe.controller.js';
import { UnsubscribeKeysController } from './unsubscribe-keys.controller.js';

@Module({
  imports: [PreferencesModule, DeliveryModule],
  controllers: [
    PreferencesController,
    PushSubscriptionsController,
    OrganizationDefaultsController,
    NotificationTypesController,
    UnsubscribeController,
    UnsubscribeKeysController,
  ],
})
export class PreferencesApiModule {}
