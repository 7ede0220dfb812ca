import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeliveriesService } from './deliveries.service.js';
import { Delivery } from './entities.js';

/** What admins and people see of deliveries. */
@Module({
  imports: [TypeOrmModule.forFeature([Delivery])],
  providers: [DeliveriesService],
  exports: [DeliveriesService],
})
export class DeliveryModule {}
