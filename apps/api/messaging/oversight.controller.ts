import { Body, Controller, Delete, Get, HttpCode, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { type Caller, isId } from '#identity';
import { MessagesService, OversightService } from '#messaging';
import { Problem } from '#problem';
import { DEMO_MESSAGES, DEMO_THREADS } from '../demo/conversations.js';
import { ListRequest, decodeCursor, presentPage, seqOf } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { Problems } from '../http/problems.js';
import { Throttle } from '../http/throttle.js';
import { AccessReason, ApiAccessReason } from './access-reason.js';
import { VersionListResponse, presentVersions, versionOf } from './version.presenters.js';
import {
  OverseenMessageListResponse,
  OverseenThreadListResponse,
  presentOverseenMessage,
  presentOverseenThread,
} from './oversight.presenters.js';
import { ModerateMessageRequest, OverseeThreadsRequest } from './oversight.requests.js';

/** Enough to look into a matter, not to read everything. */
const MAX_REQUESTS_PER_MINUTE = 30;

@ApiTags('Oversight')
@Controller('admin')
export class OversightController {
  constructor(
    private readonly oversight: OversightService,
    private readonly messages: MessagesService,
  ) {}

  @Get('threads')
  @Allow('messages:monitor')
  @Throttle(MAX_REQUESTS_PER_MINUTE)
  @ApiOperation({
    operationId: 'listOrganizationThreads',
    summary: "List an organization's threads",
    description:
      'Newest first. Every request adds one entry with its reason to the audit log. Without a reason it returns 400 `reason_required`. At most 30 requests a minute.',
  })
  @Problems('reason_required')
  @ApiAccessReason()
  @ApiOkResponse({ type: OverseenThreadListResponse })
  async listThreads(
    @CurrentCaller() caller: Caller,
    @AccessReason() reason: string,
    @Query() { limit, cursor, person, context_type, context_id }: OverseeThreadsRequest,
  ): Promise<OverseenThreadListResponse> {
    const before = decodeCursor(cursor, isId);
    const filter = { person, contextType: context_type, contextId: context_id };
    const page = await this.oversight.listThreads(caller, { ...filter, before, limit }, reason);
    return presentPage(page, presentOverseenThread, ({ id }) => id);
  }

  @Get('threads/:id/messages')
  @Allow('messages:monitor')
  @Throttle(MAX_REQUESTS_PER_MINUTE)
  @ApiOperation({
    operationId: 'listOrganizationMessages',
    summary: "List a thread's messages for oversight",
    description:
      'Newest first, with deleted messages. Participants are not notified. Every request adds one entry with its reason to the audit log. Without a reason it returns 400 `reason_required`. At most 30 requests a minute.',
  })
  @Problems('reason_required')
  @ApiIdParam('id', 'Any thread of the organization.', DEMO_THREADS.group.id)
  @ApiAccessReason()
  @ApiOkResponse({ type: OverseenMessageListResponse })
  async readMessages(
    @CurrentCaller() caller: Caller,
    @IdParam('id') id: string,
    @AccessReason() reason: string,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<OverseenMessageListResponse> {
    const list = { before: seqOf(cursor), limit };
    const page = await this.oversight.readMessages(caller, id, list, reason);
    return presentPage(page, presentOverseenMessage, ({ seq }) => String(seq));
  }

  @Get('messages/:id/versions')
  @Allow('messages:monitor')
  @Throttle(MAX_REQUESTS_PER_MINUTE)
  @ApiOperation({
    operationId: 'listOrganizationMessageVersions',
    summary: "List a message's versions for oversight",
    description:
      'Oldest first, even for a deleted message. Every request adds one entry with its reason to the audit log. Without a reason it returns 400 `reason_required`. At most 30 requests a minute.',
  })
  @Problems('reason_required')
  @ApiIdParam('id', 'Any message of the organization.', DEMO_MESSAGES.edited.id)
  @ApiAccessReason()
  @ApiOkResponse({ type: VersionListResponse })
  async readVersions(
    @CurrentCaller() caller: Caller,
    @IdParam('id') id: string,
    @AccessReason() reason: string,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<VersionListResponse> {
    const list = { after: versionOf(cursor), limit };
    return presentVersions(await this.oversight.readVersions(caller, id, list, reason));
  }

  @Delete('messages/:id')
  @HttpCode(204)
  @Allow('messages:moderate')
  @ApiOperation({
    operationId: 'moderateMessage',
    summary: 'Moderate a message',
    description:
      'Deletes any message for everyone, independent of its sender and age. The audit log keeps the reason; without one it returns 400 `reason_required`.',
  })
  @Problems('reason_required')
  @ApiIdParam('id', 'Any message of the organization.', DEMO_MESSAGES.toModerate.id)
  @ApiNoContentResponse()
  async moderate(
    @CurrentCaller() caller: Caller,
    @IdParam('id') id: string,
    @Body() { reason }: ModerateMessageRequest,
  ): Promise<void> {
    if (reason === undefined) throw new Problem('reason_required');
    await this.messages.moderate(caller, id, reason);
  }
}
