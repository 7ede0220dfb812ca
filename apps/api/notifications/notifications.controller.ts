import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import { Deliveries } from '#delivery';
import type { PersonCaller } from '#identity';
import { NotificationFeed } from '#notifications';
import { DEMO_NOTIFICATION, DEMO_NOTIFICATION_TO_DELETE } from '../demo/conversations.js';
import { page, seqOf } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import {
  ExplanationAnswer,
  NotificationAnswer,
  NotificationCountAnswer,
  NotificationListAnswer,
  ReadAllAnswer,
  presentExplanation,
  presentNotification,
} from './notification.presenters.js';
import {
  ListNotificationsRequest,
  PatchNotificationRequest,
  ReadAllRequest,
} from './notification.requests.js';

const ApiNotificationId = () => ApiIdParam('id', 'A notification of yours.', DEMO_NOTIFICATION.id);

@ApiTags('Notifications')
@Controller('notifications')
export class NotificationsController {
  constructor(
    private readonly feed: NotificationFeed,
    private readonly deliveries: Deliveries,
  ) {}

  @Get()
  @Allow('person')
  @ApiOperation({ summary: 'See what I have been told', description: 'Newest first.' })
  @ApiOkResponse({ type: NotificationListAnswer })
  async list(
    @By() caller: PersonCaller,
    @Query() { limit, cursor, ...filter }: ListNotificationsRequest,
  ): Promise<NotificationListAnswer> {
    const list = { ...filter, limit: limit + 1, before: seqOf(cursor) };
    const { rows, unread_count } = await this.feed.list(caller, list);
    return { ...page(rows, limit, presentNotification, ({ seq }) => String(seq)), unread_count };
  }

  @Get('unread-count')
  @Allow('person')
  @ApiOperation({ summary: 'Count what I have not read' })
  @ApiOkResponse({ type: NotificationCountAnswer })
  unreadCount(@By() caller: PersonCaller): Promise<NotificationCountAnswer> {
    return this.feed.count(caller);
  }

  @Post('read-all')
  @HttpCode(200)
  @Allow('person')
  @ApiOperation({
    summary: 'Mark all as read',
    description: 'With before, what came after that one stays unread, however late it was seen.',
  })
  @ApiOkResponse({ type: ReadAllAnswer })
  readAll(@By() caller: PersonCaller, @Body() request: ReadAllRequest): Promise<ReadAllAnswer> {
    return this.feed.readAll(caller, request);
  }

  @Get(':id')
  @Allow('person')
  @ApiOperation({ summary: 'See one notification' })
  @ApiNotificationId()
  @ApiOkResponse({ type: NotificationAnswer })
  async get(@By() caller: PersonCaller, @IdParam('id') id: string): Promise<NotificationAnswer> {
    return presentNotification(await this.feed.get(caller, id));
  }

  @Get(':id/explanation')
  @Allow('person')
  @ApiOperation({
    summary: 'See why it reached me, or did not',
    description: 'What was decided for each channel, by which rule, and what has become of it.',
  })
  @ApiNotificationId()
  @ApiOkResponse({ type: ExplanationAnswer })
  async explain(@By() caller: PersonCaller, @IdParam('id') id: string): Promise<ExplanationAnswer> {
    const notification = await this.feed.getTold(caller, id);
    return presentExplanation(notification, await this.deliveries.ofNotification(caller, id));
  }

  @Patch(':id')
  @Allow('person')
  @ApiOperation({ summary: 'Mark as read, unread or archived' })
  @ApiNotificationId()
  @ApiOkResponse({ type: NotificationAnswer })
  async change(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() { status }: PatchNotificationRequest,
  ): Promise<NotificationAnswer> {
    return presentNotification(await this.feed.setStatus(caller, id, status));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({ summary: 'Delete a notification' })
  @ApiIdParam('id', 'A notification of yours.', DEMO_NOTIFICATION_TO_DELETE.id)
  @ApiNoContentResponse()
  async remove(@By() caller: PersonCaller, @IdParam('id') id: string): Promise<void> {
    await this.feed.remove(caller, id);
  }
}
