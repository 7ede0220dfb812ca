import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OutboundModule } from '#outbound';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import { WebhookSender } from './webhook-sender.js';

/** Webhook endpoints. */
@Module({
  imports: [TypeOrmModule.forFeature([WebhookEndpoint]), OutboundModule],
  providers: [WebhookEndpointsService],
  exports: [WebhookEndpointsService],
})
export class WebhooksModule {}

/** The sender of webhooks, for workers only. */
@Module({ imports: [OutboundModule], providers: [WebhookSender], exports: [WebhookSender] })
export class WebhookSenderModule {}
