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
import { PushSubscriptionsService } from '#web-push';
import type { PersonCaller } from '#identity';
import {
  DeletePushSubscriptionRequest,
  PushSubscriptionResponse,
  PushSubscriptionsResponse,
  PutPushSubscriptionRequest,
  presentSubscription,
} from './push-subscriptions.models.js';

@ApiTags('Preferences')
@Controller('preferences/push-subscriptions')
export class PushSubscriptionsController {
  constructor(private readonly subscriptions: PushSubscriptionsService) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    operationId: 'listPushSubscriptions',
    summary: 'List push subscriptions',
    description:
      'Returns the browsers of the caller, and the public key for `pushManager.subscribe({userVisibleOnly: true, applicationServerKey: public_key})`.',
  })
  @ApiOkResponse({ type: PushSubscriptionsResponse })
  async list(@CurrentCaller() caller: PersonCaller): Promise<PushSubscriptionsResponse> {
    const { publicKey, subscriptions } = await this.subscriptions.list(caller);
    return { public_key: publicKey, subscriptions: subscriptions.map(presentSubscription) };
  }

  @Put()
  @Allow('person')
  @ApiOperation({
    operationId: 'putPushSubscription',
    summary: 'Put a push subscription',
    description:
      'Takes `PushSubscription.toJSON()` as its body. A browser belongs to one person: another person in this organization who had it loses it. A person has at most 20 subscriptions, and the oldest is deleted first.',
  })
  @ApiCreatedResponse({ type: PushSubscriptionResponse, description: 'The subscription was created.' })
  @ApiOkResponse({
    type: PushSubscriptionResponse,
    description: 'The subscription existed; its keys were replaced.',
  })
  async put(
    @CurrentCaller() caller: PersonCaller,
    @Body() { endpoint, keys }: PutPushSubscriptionRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PushSubscriptionResponse> {
    const saved = await this.subscriptions.put(caller, { endpoint, keys });
    void reply.status(saved.created ? 201 : 200);
    return presentSubscription(saved);
  }

  @Delete()
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'deletePushSubscription',
    summary: 'Delete a push subscription',
    description:
      'Send this before the browser unsubscribes, or when the person signs out there. Repeating the request changes nothing.',
  })
  @ApiNoContentResponse()
  async remove(
    @CurrentCaller() caller: PersonCaller,
    @Query() { endpoint }: DeletePushSubscriptionRequest,
  ): Promise<void> {
    await this.subscriptions.remove(caller, endpoint);
  }
}
