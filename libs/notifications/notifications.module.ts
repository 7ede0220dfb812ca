import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeadLetters } from './dead-letters.service.js';
import { Feed, Notification, NotificationRequest, UnreadCount } from './entities.js';
import { NotificationFeed } from './feed.service.js';
import { MessageHandler } from './message.handler.js';
import { RequestHandler } from './request.handler.js';
import { NotificationRequests } from './requests.service.js';
import { WebhookDisabledHandler } from './webhook-disabled.handler.js';
import { Retention } from './retention.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Feed, Notification, NotificationRequest, UnreadCount])],
  providers: [
    NotificationFeed,
    NotificationRequests,
    DeadLetters,
    Retention,
    MessageHandler,
    RequestHandler,
    WebhookDisabledHandler,
  ],
  exports: [NotificationFeed, NotificationRequests, DeadLetters, Retention],
})
export class NotificationsModule {}
