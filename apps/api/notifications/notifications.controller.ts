import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { DeliveriesService } from '#delivery';
import type { PersonCaller } from '#identity';
import { NotificationFeedService } from '#notifications';
import { DEMO_NOTIFICATION, DEMO_NOTIFICATION_TO_DELETE } from '../demo/conversations.js';
import { presentPage, seqOf } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { SetsCursor } from '../realtime/cursor-header.js';
import {
  ExplanationResponse,
  NotificationResponse,
  NotificationCountResponse,
  NotificationListResponse,
  ReadAllResponse,
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
    private readonly feed: NotificationFeedService,
    private readonly deliveries: DeliveriesService,
  ) {}

  @Get()
  @Allow('person')
  @SetsCursor()
  @ApiOperation({
    operationId: 'listNotifications',
    summary: 'List notifications',
    description: 'Returns the feed of the caller, newest first, and their unread count.',
  })
  @ApiOkResponse({ type: NotificationListResponse })
  async list(
    @CurrentCaller() caller: PersonCaller,
    @Query() { limit, cursor, ...filter }: ListNotificationsRequest,
  ): Promise<NotificationListResponse> {
    const list = { ...filter, limit, before: seqOf(cursor) };
    const { page, unread_count } = await this.feed.list(caller, list);
    return { ...presentPage(page, presentNotification, ({ seq }) => String(seq)), unread_count };
  }

  @Get('unread-count')
  @Allow('person')
  @SetsCursor()
  @ApiOperation({
    operationId: 'getUnreadNotificationCount',
    summary: 'Get the unread notification count',
    description: 'Counts the unread notifications of the caller, in total and by type.',
  })
  @ApiOkResponse({ type: NotificationCountResponse })
  unreadCount(@CurrentCaller() caller: PersonCaller): Promise<NotificationCountResponse> {
    return this.feed.count(caller);
  }

  @Post('read-all')
  @HttpCode(200)
  @Allow('person')
  @ApiOperation({
    operationId: 'markNotificationsRead',
    summary: 'Mark notifications as read',
    description:
      'Marks all unread notifications, or those of one type. With `before`, notifications that arrived after that one stay unread. The newest 500 are marked before the response, and older ones right after it. `updated` and `unread_count` count all of them as read.',
  })
  @ApiOkResponse({ type: ReadAllResponse })
  readAll(@CurrentCaller() caller: PersonCaller, @Body() request: ReadAllRequest): Promise<ReadAllResponse> {
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
  @ApiOkResponse({ type: NotificationResponse })
  async get(@CurrentCaller() caller: PersonCaller, @IdParam('id') id: string): Promise<NotificationResponse> {
    return presentNotification(await this.feed.get(caller, id));
  }

  @Get(':id/explanation')
  @Allow('person')
  @ApiOperation({
    operationId: 'getNotificationExplanation',
    summary: 'Get an explanation',
    description:
      'Returns the decision and the deciding rule for each channel of a notification, and the status of each delivery.',
  })
  @ApiNotificationId()
  @ApiOkResponse({ type: ExplanationResponse })
  async explain(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
  ): Promise<ExplanationResponse> {
    const notification = await this.feed.getRecorded(caller, id);
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
  @ApiOkResponse({ type: NotificationResponse })
  async change(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() { status }: PatchNotificationRequest,
  ): Promise<NotificationResponse> {
    return presentNotification(await this.feed.setStatus(caller, id, status));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'deleteNotification',
    summary: 'Delete a notification',
    description: 'Removes a notification from the feed. Waiting deliveries are cancelled.',
  })
  @ApiIdParam('id', 'A notification of the caller.', DEMO_NOTIFICATION_TO_DELETE.id)
  @ApiNoContentResponse()
  async remove(@CurrentCaller() caller: PersonCaller, @IdParam('id') id: string): Promise<void> {
    await this.feed.remove(caller, id);
  }
}
