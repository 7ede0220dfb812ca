import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SendListener } from '#messaging';
import { Feed, Notification, NotificationRequest, UnreadCount } from './entities.js';
import { NotificationFeedService } from './feed.service.js';
import { FeedSignal } from './feed-signal.js';
import { MessageHandler } from './message.handler.js';
import { ReadingHandler } from './reading.handler.js';
import { RequestHandler } from './request.handler.js';
import { NotificationRequestsService } from './requests.service.js';
import { WebhookDisabledHandler } from './webhook-disabled.handler.js';
import { RetentionService } from './retention.service.js';
import { NotifyingSendListener } from './send.listener.js';

/** Global, because #messaging sends with its SendListener and must not import it. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([Feed, Notification, NotificationRequest, UnreadCount])],
  providers: [
    NotificationFeedService,
    NotificationRequestsService,
    RetentionService,
    FeedSignal,
    { provide: SendListener, useClass: NotifyingSendListener },
  ],
  exports: [NotificationFeedService, NotificationRequestsService, RetentionService, FeedSignal, SendListener],
})
export class NotificationsModule {}

/** The handlers that create notifications from events, for workers only. */
@Module({ providers: [MessageHandler, ReadingHandler, RequestHandler, WebhookDisabledHandler] })
export class NotificationHandlersModule {}
