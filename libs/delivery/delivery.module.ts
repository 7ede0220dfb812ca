import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PreferencesModule } from '#preferences';
import { SecretsModule } from '#secrets';
import { Deliveries } from './deliveries.service.js';
import { Delivery, OrganizationKey } from './entities.js';
import { OutgoingHttp } from './outgoing-http.js';
import { PushSubscription } from './push-subscription.entity.js';
import { PushSubscriptions } from './push-subscriptions.service.js';
import { UnsubscribeKeys } from './unsubscribe-keys.service.js';
import { Unsubscriptions } from './unsubscriptions.service.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookEndpoints } from './webhook-endpoints.service.js';

const entities = [Delivery, OrganizationKey, WebhookEndpoint, PushSubscription];

const services = [
  Deliveries,
  PushSubscriptions,
  Unsubscriptions,
  UnsubscribeKeys,
  OutgoingHttp,
  WebhookEndpoints,
];

/** What admins and people see of deliveries, and what they set up for them. */
@Module({
  imports: [TypeOrmModule.forFeature(entities), PreferencesModule, SecretsModule],
  providers: services,
  exports: [...services, SecretsModule],
})
export class DeliveryModule {}
