import { Module } from '@nestjs/common';
import { DeliveryModule } from '#delivery';
import { DeliveriesController } from './deliveries.controller.js';

@Module({ imports: [DeliveryModule], controllers: [DeliveriesController] })
export class DeliveriesApiModule {}
