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

const ApiNotificationId = () => ApiIdParam('id', 'A notification of the caller.', DEMO_NOTIFICATION.id);

@ApiTags('Notifications')
@Controller('notifications')
export class NotificationsController {
  constructor(
    private readonly feed: NotificationFeed,
    private readonly deliveries: Deliveries,
  ) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    operationId: 'listNotifications',
    summary: 'List notifications',
    description: 'Returns the feed of the caller, newest first, and their unread count.',
  })
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
  @ApiOperation({
    operationId: 'getUnreadNotificationCount',
    summary: 'Get the unread notification count',
    description: 'Counts the unread notifications of the caller, in total and by type.',
  })
  @ApiOkResponse({ type: NotificationCountAnswer })
  unreadCount(@By() caller: PersonCaller): Promise<NotificationCountAnswer> {
    return this.feed.count(caller);
  }

  @Post('read-all')
  @HttpCode(200)
  @Allow('person')
  @ApiOperation({
    operationId: 'markNotificationsRead',
    summary: 'Mark notifications as read',
    description:
      'Marks all unread notifications, or those of one type. With `before`, notifications that arrived after that one stay unread.',
  })
  @ApiOkResponse({ type: ReadAllAnswer })
  readAll(@By() caller: PersonCaller, @Body() request: ReadAllRequest): Promise<ReadAllAnswer> {
    return this.feed.readAll(caller, request);
  }

  @Get(':id')
  @Allow('person')
  @ApiOperation({
    operationId: 'getNotification',
    summary: 'Get a notification',
    description: 'Returns one notification of the caller.',
  })
  @ApiNotificationId()
  @ApiOkResponse({ type: NotificationAnswer })
  async get(@By() caller: PersonCaller, @IdParam('id') id: string): Promise<NotificationAnswer> {
    return presentNotification(await this.feed.get(caller, id));
  }

  @Get(':id/explanation')
  @Allow('person')
  @ApiOperation({
    operationId: 'getNotificationExplanation',
    summary: 'Get an explanation',
    description:
      'Says for each channel what was decided about a notification and by which rule, and lists what became of each delivery.',
  })
  @ApiNotificationId()
  @ApiOkResponse({ type: ExplanationAnswer })
  async explain(@By() caller: PersonCaller, @IdParam('id') id: string): Promise<ExplanationAnswer> {
    const notification = await this.feed.getTold(caller, id);
    return presentExplanation(notification, await this.deliveries.ofNotification(caller, id));
  }

  @Patch(':id')
  @Allow('person')
  @ApiOperation({
    operationId: 'updateNotification',
    summary: 'Update a notification',
    description: 'Marks a notification as read, unread or archived.',
  })
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
  @ApiOperation({
    operationId: 'deleteNotification',
    summary: 'Delete a notification',
    description: 'Removes a notification from the feed. Deliveries that are still waiting are cancelled.',
  })
  @ApiIdParam('id', 'A notification of the caller.', DEMO_NOTIFICATION_TO_DELETE.id)
  @ApiNoContentResponse()
  async remove(@By() caller: PersonCaller, @IdParam('id') id: string): Promise<void> {
    await this.feed.remove(caller, id);
  }
}
