import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, By } from '#access';
import type { Caller } from '#identity';
import { NotificationRequests } from '#notifications';
import { DEMO_NOTIFICATION_REQUEST, DEMO_NOTIFICATION_REQUEST_TO_RETRACT } from '../demo/conversations.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { LimitRecipients, RecipientLimit } from '../http/recipient-limit.js';
import {
  AcceptedRequestAnswer,
  RequestProgressAnswer,
  presentAccepted,
  presentProgress,
} from './notification.presenters.js';
import { NOTIFY_EXAMPLES, NotifyRequest, requestOf } from './notify.request.js';

@ApiTags('Notifications')
@Controller('notifications')
export class NotificationRequestsController {
  constructor(
    private readonly requests: NotificationRequests,
    private readonly recipients: RecipientLimit,
  ) {}

  @Post()
  @HttpCode(202)
  @Allow('notifications:send')
  @LimitRecipients()
  @ApiOperation({
    summary: 'Notify people, all with a role, or everybody',
    description:
      'A few are told at once, many in the background, each of them once. Whoever is named and is no member is listed in the answer, and the others are told.',
  })
  @ApiBody({ type: NotifyRequest, examples: NOTIFY_EXAMPLES })
  @ApiAcceptedResponse({ type: AcceptedRequestAnswer })
  async create(@By() caller: Caller, @Body() request: NotifyRequest): Promise<AcceptedRequestAnswer> {
    const accepted = await this.requests.create(caller, requestOf(request));
    await this.recipients.charge(caller, accepted.recipients);
    return presentAccepted(accepted);
  }

  @Get('requests/:id')
  @Allow('notifications:send')
  @ApiOperation({ summary: 'See how far a request has come' })
  @ApiIdParam('id', 'As the request was answered.', DEMO_NOTIFICATION_REQUEST.id)
  @ApiOkResponse({ type: RequestProgressAnswer })
  async get(@By() caller: Caller, @IdParam('id') id: string): Promise<RequestProgressAnswer> {
    return presentProgress(await this.requests.get(caller, id));
  }

  @Delete('requests/:id')
  @HttpCode(204)
  @Allow('notifications:send')
  @ApiOperation({
    summary: 'Take a request back',
    description: 'Nobody else is told, and from the feeds of those who were it goes.',
  })
  @ApiIdParam('id', 'As the request was answered.', DEMO_NOTIFICATION_REQUEST_TO_RETRACT.id)
  @ApiNoContentResponse()
  async retract(@By() caller: Caller, @IdParam('id') id: string): Promise<void> {
    await this.requests.retract(caller, id);
  }
}
