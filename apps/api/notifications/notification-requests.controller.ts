import { Body, Controller, Delete, Get, HttpCode, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentCaller } from '#access';
import type { Caller } from '#identity';
import { NotificationRequestsService } from '#notifications';
import { DEMO_NOTIFICATION_REQUEST, DEMO_NOTIFICATION_REQUEST_TO_RETRACT } from '../demo/conversations.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { RecipientLimit } from '../http/recipient-limit.js';
import {
  AcceptedRequestResponse,
  RequestProgressResponse,
  presentAccepted,
  presentProgress,
} from './notification.presenters.js';
import { NOTIFY_EXAMPLES, NotifyRequest, requestOf } from './notify.request.js';

@ApiTags('Notifications')
@Controller('notifications')
export class NotificationRequestsController {
  constructor(
    private readonly requests: NotificationRequestsService,
    private readonly recipients: RecipientLimit,
  ) {}

  @Post()
  @HttpCode(202)
  @Allow('notifications:send')
  @ApiOperation({
    operationId: 'createNotificationRequest',
    summary: 'Create a notification request',
    description:
      'Notifies named people, everybody with a role, or all members, each person once. Small audiences are notified at once, large ones in the background. The response lists named people who are not members, and the others are notified.\n\nA type or a role that the organization does not have returns 400 `validation_failed`.',
  })
  @ApiBody({ type: NotifyRequest, examples: NOTIFY_EXAMPLES })
  @ApiAcceptedResponse({ type: AcceptedRequestResponse })
  async create(
    @CurrentCaller() caller: Caller,
    @Body() request: NotifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedRequestResponse> {
    const input = requestOf(request);
    const atMost = input.to.users?.length ?? Infinity;
    const accepted = await this.recipients.admit({ caller, reply, atMost }, () =>
      this.requests.create(caller, input),
    );
    return presentAccepted(accepted);
  }

  @Get('requests/:id')
  @Allow('notifications:send')
  @ApiOperation({
    operationId: 'getNotificationRequest',
    summary: 'Get a notification request',
    description: 'Returns the status of a request and how many people it has notified.',
  })
  @ApiIdParam('id', 'The id from the response of the request.', DEMO_NOTIFICATION_REQUEST.id)
  @ApiOkResponse({ type: RequestProgressResponse })
  async get(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<RequestProgressResponse> {
    return presentProgress(await this.requests.get(caller, id));
  }

  @Delete('requests/:id')
  @HttpCode(204)
  @Allow('notifications:send')
  @ApiOperation({
    operationId: 'deleteNotificationRequest',
    summary: 'Delete a notification request',
    description:
      'Stops a request and removes its notifications from all feeds. E-mails and pushes that were sent stay sent.',
  })
  @ApiIdParam('id', 'The id from the response of the request.', DEMO_NOTIFICATION_REQUEST_TO_RETRACT.id)
  @ApiNoContentResponse()
  async retract(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<void> {
    await this.requests.retract(caller, id);
  }
}
