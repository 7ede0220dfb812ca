import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Feed, Notification, NotificationRequest, UnreadCount } from './entities.js';
import { NotificationFeedService } from './feed.service.js';
import { MessageHandler } from './message.handler.js';
import { RequestHandler } from './request.handler.js';
import { NotificationRequestsService } from './requests.service.js';
import { WebhookDisabledHandler } from './webhook-disabled.handler.js';
import { RetentionService } from './retention.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Feed, Notification, NotificationRequest, UnreadCount])],
  providers: [NotificationFeedService, NotificationRequestsService, RetentionService],
  exports: [NotificationFeedService, NotificationRequestsService, RetentionService],
})
export class NotificationsModule {}

/** The handlers that create notifications from events, for workers only. */
@Module({ providers: [MessageHandler, RequestHandler, WebhookDisabledHandler] })
export class NotificationHandlersModule {}
