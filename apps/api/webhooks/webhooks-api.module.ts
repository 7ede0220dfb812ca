import { Module } from '@nestjs/common';
import { DeliveryModule } from '#delivery';
import { WebhooksController } from './webhooks.controller.js';

@Module({ imports: [DeliveryModule], controllers: [WebhooksController] })
export class WebhooksApiModule {}
