import { Body, Controller, Delete, Get, HttpCode, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentCaller } from '#access';
import { fetchPage } from '#database';
import type { Caller } from '#identity';
import { NotificationTypesService, TYPE_NAME } from '#preferences';
import { DEMO_TYPE } from '../demo/notification-types.js';
import { ListRequest, decodeCursor, presentPage } from '../http/list.js';
import {
  NotificationTypeResponse,
  NotificationTypeListResponse,
  PutNotificationTypeRequest,
  presentType,
  typeInput,
} from './notification-types.models.js';
import { ApiTypeParam, TypeParam } from './type-param.js';

@ApiTags('Administration')
@Controller('admin/notification-types')
export class NotificationTypesController {
  constructor(private readonly types: NotificationTypesService) {}

  @Get()
  @Allow('preferences:manage')
  @ApiOperation({
    operationId: 'listNotificationTypes',
    summary: 'List notification types',
    description: "Returns the built-in types and the organization's own, sorted by name.",
  })
  @ApiOkResponse({ type: NotificationTypeListResponse })
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<NotificationTypeListResponse> {
    const after = decodeCursor(cursor, (text) => TYPE_NAME.test(text));
    const page = await fetchPage({ limit, after }, (list) => this.types.list(caller, list));
    return presentPage(page, presentType, ({ name }) => name);
  }

  @Get(':type')
  @Allow('preferences:manage')
  @ApiOperation({
    operationId: 'getNotificationType',
    summary: 'Get a notification type',
    description: "APPOINTMENT, MESSAGE, SYSTEM and BILLING are built in; others are the organization's own.",
  })
  @ApiTypeParam('BILLING')
  @ApiOkResponse({ type: NotificationTypeResponse })
  async get(@CurrentCaller() caller: Caller, @TypeParam() type: string): Promise<NotificationTypeResponse> {
    return presentType(await this.types.get(caller, type));
  }

  @Put(':type')
  @Allow('preferences:manage')
  @ApiOperation({
    operationId: 'putNotificationType',
    summary: 'Put a notification type',
    description:
      'Creates or replaces a type. It applies at once to people without a choice of their own. Omitted optional fields are cleared. Returns 409 `conflict` if the organization has 200 types of its own.',
  })
  @ApiTypeParam('LAB_RESULT')
  @ApiCreatedResponse({
    type: NotificationTypeResponse,
    description: 'It was created, or it is built in and was changed for the first time.',
  })
  @ApiOkResponse({ type: NotificationTypeResponse, description: 'It existed and was replaced.' })
  async put(
    @CurrentCaller() caller: Caller,
    @TypeParam() type: string,
    @Body() request: PutNotificationTypeRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NotificationTypeResponse> {
    const saved = await this.types.put(caller, type, typeInput(request));
    void reply.status(saved.created ? 201 : 200);
    return presentType(saved);
  }

  @Delete(':type')
  @HttpCode(204)
  @Allow('preferences:manage')
  @ApiOperation({
    operationId: 'deleteNotificationType',
    summary: 'Delete a notification type',
    description: "A built-in type returns to its defaults. People's choices for the type are kept.",
  })
  @ApiTypeParam(DEMO_TYPE)
  @ApiNoContentResponse()
  async remove(@CurrentCaller() caller: Caller, @TypeParam() type: string): Promise<void> {
    await this.types.remove(caller, type);
  }
}
