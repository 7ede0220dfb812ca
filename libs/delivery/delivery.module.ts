import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PreferencesModule } from '#preferences';
import { SecretsModule } from '#secrets';
import { DeliveriesService } from './deliveries.service.js';
import { Delivery } from './entities.js';
import { OrganizationKey, OutboundHttp } from '#outbound';
import { PushSubscription, PushSubscriptionsService } from '#web-push';
import { UnsubscribeKeysService, UnsubscriptionsService } from '#email';
import { WebhookEndpoint, WebhookEndpointsService } from '#webhooks';

const entities = [Delivery, OrganizationKey, WebhookEndpoint, PushSubscription];

const services = [
  DeliveriesService,
  PushSubscriptionsService,
  UnsubscriptionsService,
  UnsubscribeKeysService,
  OutboundHttp,
  WebhookEndpointsService,
];

/** What admins and people see of deliveries, and what they set up for them. */
@Module({
  imports: [TypeOrmModule.forFeature(entities), PreferencesModule, SecretsModule],
  providers: services,
  exports: [...services, SecretsModule],
})
export class DeliveryModule {}
