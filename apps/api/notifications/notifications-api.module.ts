import { Module } from '@nestjs/common';
import { NotificationsModule } from '#notifications';
import { NotificationRequestsController } from './notification-requests.controller.js';
import { NotificationsController } from './notifications.controller.js';

@Module({
  imports: [NotificationsModule],
  controllers: [NotificationsController, NotificationRequestsController],
})
export class NotificationsApiModule {}
