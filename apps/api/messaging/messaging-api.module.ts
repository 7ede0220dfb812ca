import { Module } from '@nestjs/common';
import { BlockingModule } from '#blocking';
import { MessagingModule } from '#messaging';
import { BlocksController } from './blocks.controller.js';
import { CanMessageController } from './can-message.controller.js';
import { GroupModerationController } from './group-moderation.controller.js';
import { InboxController } from './inbox.controller.js';
import { MessagesController } from './messages.controller.js';
import { MessagingRulesController } from './messaging-rules.controller.js';
import { OversightController } from './oversight.controller.js';
import { ParticipantsController } from './participants.controller.js';
import { ThreadsController } from './threads.controller.js';

@Module({
  imports: [MessagingModule, BlockingModule],
  controllers: [
    MessagesController,
    InboxController,
    ThreadsController,
    ParticipantsController,
    BlocksController,
    CanMessageController,
    OversightController,
    GroupModerationController,
    MessagingRulesController,
  ],
})
export class MessagingApiModule {}
