import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeliveriesService } from './deliveries.service.js';
import { Delivery } from './entities.js';

/** The deliveries, for admins and people. */
@Module({
  imports: [TypeOrmModule.forFeature([Delivery])],
  providers: [DeliveriesService],
  exports: [DeliveriesService],
})
export class DeliveryModule {}
