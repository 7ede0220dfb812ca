import { Module } from '@nestjs/common';
import { DeliveryModule } from '#delivery';
import { NotificationsModule } from '#notifications';
import { OutboxModule } from '#outbox';
import { DeadLettersController } from './dead-letters.controller.js';
import { NotificationRequestsController } from './notification-requests.controller.js';
import { NotificationsController } from './notifications.controller.js';

@Module({
  imports: [NotificationsModule, DeliveryModule, OutboxModule],
  controllers: [NotificationsController, NotificationRequestsController, DeadLettersController],
})
export class NotificationsApiModule {}
