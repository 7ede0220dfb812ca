import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeadLetters } from './dead-letters.service.js';
import { Feed, Notification, NotificationRequest } from './entities.js';
import { NotificationFeed } from './feed.service.js';
import { MessageHandler } from './message.handler.js';
import { RequestHandler } from './request.handler.js';
import { NotificationRequests } from './requests.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Feed, Notification, NotificationRequest])],
  providers: [NotificationFeed, NotificationRequests, DeadLetters, MessageHandler, RequestHandler],
  exports: [NotificationFeed, NotificationRequests, DeadLetters],
})
export class NotificationsModule {}
