import { Module } from '@nestjs/common';
import { EmailModule } from '#email';
import { PreferencesModule } from '#preferences';
import { WebPushModule } from '#web-push';
import { NotificationTypesController } from './notification-types.controller.js';
import { OrganizationDefaultsController } from './organization-defaults.controller.js';
import { PreferencesController } from './preferences.controller.js';
import { PushSubscriptionsController } from './push-subscriptions.controller.js';
import { UnsubscribeController } from './unsubscribe.controller.js';
import { UnsubscribeKeysController } from './unsubscribe-keys.controller.js';

@Module({
  imports: [PreferencesModule, EmailModule, WebPushModule],
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
