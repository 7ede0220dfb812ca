import { Body, Controller, Delete, Get, HttpCode, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, By } from '#access';
import type { Caller } from '#identity';
import { NotificationTypes, TYPE_NAME } from '#preferences';
import { DEMO_TYPE } from '../demo/notification-types.js';
import { ListRequest, decodeCursor, page } from '../http/list.js';
import {
  NotificationTypeAnswer,
  NotificationTypeListAnswer,
  PutNotificationTypeRequest,
  presentType,
  typeInput,
} from './notification-types.models.js';
import { ApiTypeParam, TypeParam } from './type-param.js';

@ApiTags('Administration')
@Controller('admin/notification-types')
export class NotificationTypesController {
  constructor(private readonly types: NotificationTypes) {}

  @Get()
  @Allow('preferences:manage')
  @ApiOperation({
    summary: 'List notification types',
    description: "The built-in ones and the organization's own, in the order of their names.",
  })
  @ApiOkResponse({ type: NotificationTypeListAnswer })
  async list(
    @By() caller: Caller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<NotificationTypeListAnswer> {
    const after = decodeCursor(cursor, (text) => TYPE_NAME.test(text));
    const types = await this.types.list(caller, { limit: limit + 1, after });
    return page(types, limit, presentType, ({ name }) => name);
  }

  @Get(':type')
  @Allow('preferences:manage')
  @ApiOperation({
    summary: 'See a type of notification',
    description:
      "APPOINTMENT, MESSAGE, SYSTEM and BILLING are always there; others are the organization's own.",
  })
  @ApiTypeParam('BILLING')
  @ApiOkResponse({ type: NotificationTypeAnswer })
  async get(@By() caller: Caller, @TypeParam() type: string): Promise<NotificationTypeAnswer> {
    return presentType(await this.types.get(caller, type));
  }

  @Put(':type')
  @Allow('preferences:manage')
  @ApiOperation({
    summary: 'Make a type of notification, or change one',
    description: 'It holds at once for everybody who has not chosen. What is left out is cleared.',
  })
  @ApiTypeParam('LAB_RESULT')
  @ApiCreatedResponse({
    type: NotificationTypeAnswer,
    description: 'New, or built in and changed for the first time.',
  })
  @ApiOkResponse({ type: NotificationTypeAnswer, description: 'Known, and changed.' })
  async put(
    @By() caller: Caller,
    @TypeParam() type: string,
    @Body() request: PutNotificationTypeRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NotificationTypeAnswer> {
    const saved = await this.types.put(caller, type, typeInput(request));
    void reply.status(saved.created ? 201 : 200);
    return presentType(saved);
  }

  @Delete(':type')
  @HttpCode(204)
  @Allow('preferences:manage')
  @ApiOperation({
    summary: 'Delete a type of notification',
    description: 'One that is built in goes back to how it comes. What people have chosen for it is kept.',
  })
  @ApiTypeParam(DEMO_TYPE)
  @ApiNoContentResponse()
  async remove(@By() caller: Caller, @TypeParam() type: string): Promise<void> {
    await this.types.remove(caller, type);
  }
}
