import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeadLettersService } from '#outbox';
import { Feed, Notification, NotificationRequest, UnreadCount } from './entities.js';
import { NotificationFeedService } from './feed.service.js';
import { MessageHandler } from './message.handler.js';
import { RequestHandler } from './request.handler.js';
import { NotificationRequestsService } from './requests.service.js';
import { WebhookDisabledHandler } from './webhook-disabled.handler.js';
import { RetentionService } from './retention.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Feed, Notification, NotificationRequest, UnreadCount])],
  providers: [
    NotificationFeedService,
    NotificationRequestsService,
    DeadLettersService,
    RetentionService,
    MessageHandler,
    RequestHandler,
    WebhookDisabledHandler,
  ],
  exports: [NotificationFeedService, NotificationRequestsService, DeadLettersService, RetentionService],
})
export class NotificationsModule {}
