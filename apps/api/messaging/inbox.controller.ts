import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import type { PersonCaller } from '#identity';
import { InboxService } from '#messaging';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ApiPersonParam } from '../http/params.js';
import { SetsCursor } from '../realtime/cursor-header.js';
import { historyPageOf } from './history.input.js';
import { InboxResponse, UnreadResponse, presentInbox } from './inbox.presenters.js';
import { ConversationResponse, presentConversation } from './message.presenters.js';
import { HistoryRequest, InboxRequest } from './message.requests.js';

@ApiTags('Messages')
@Controller('messages')
export class InboxController {
  constructor(private readonly inboxes: InboxService) {}

  @Get('inbox')
  @Allow('person')
  @SetsCursor()
  @ApiOperation({
    operationId: 'listConversations',
    summary: 'List conversations',
    description:
      'Returns the direct threads of the caller with their last message and unread count, newest first, by page number.',
  })
  @ApiOkResponse({ type: InboxResponse })
  async inbox(
    @CurrentCaller() caller: PersonCaller,
    @Query() { page, limit, unread_only }: InboxRequest,
  ): Promise<InboxResponse> {
    const inbox = await this.inboxes.inbox(caller, { page, limit, unreadOnly: unread_only });
    return presentInbox(inbox, page, limit);
  }

  @Get('unread-count')
  @Allow('person')
  @SetsCursor()
  @ApiOperation({
    operationId: 'getUnreadMessageCount',
    summary: 'Get the unread message count',
    description: 'Counts the unread messages of the caller, and the threads with unread messages.',
  })
  @ApiOkResponse({ type: UnreadResponse })
  unreadCount(@CurrentCaller() caller: PersonCaller): Promise<UnreadResponse> {
    return this.inboxes.unread(caller);
  }

  @Get('conversation/:person')
  @Allow('person')
  @SetsCursor()
  @ApiOperation({
    operationId: 'getConversation',
    summary: 'Get a conversation',
    description:
      'Returns the messages of the direct thread with a person, oldest first. The first page has the newest, unless `after_seq` or `around_seq` says where to begin. Without a thread the list is empty. Nothing is marked as read.',
  })
  @ApiPersonParam(DEMO_PEOPLE.theo.username)
  @ApiOkResponse({ type: ConversationResponse })
  async conversation(
    @CurrentCaller() caller: PersonCaller,
    @Param('person') person: string,
    @Query() request: HistoryRequest,
  ): Promise<ConversationResponse> {
    const history = await this.inboxes.conversation(caller, person, historyPageOf(request));
    return presentConversation(history);
  }
}
