import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PreferencesModule } from '#preferences';
import { Deliveries } from './deliveries.service.js';
import { Delivery, OrganizationKey } from './entities.js';
import { OutgoingHttp } from './outgoing-http.js';
import { PushSubscription } from './push-subscription.entity.js';
import { PushSubscriptions } from './push-subscriptions.service.js';
import { Unsubscriptions } from './unsubscriptions.service.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookEndpoints } from './webhook-endpoints.service.js';

const entities = [Delivery, OrganizationKey, WebhookEndpoint, PushSubscription];

/** What admins and people see of deliveries, and what they set up for them. */
@Module({
  imports: [TypeOrmModule.forFeature(entities), PreferencesModule],
  providers: [Deliveries, PushSubscriptions, Unsubscriptions, OutgoingHttp, WebhookEndpoints],
  exports: [Deliveries, PushSubscriptions, Unsubscriptions, OutgoingHttp, WebhookEndpoints],
})
export class DeliveryModule {}
