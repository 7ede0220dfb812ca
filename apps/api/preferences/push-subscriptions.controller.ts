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
import { PushSubscriptions } from '#delivery';
import type { PersonCaller } from '#identity';
import {
  DeletePushSubscriptionRequest,
  PushSubscriptionAnswer,
  PushSubscriptionsAnswer,
  PutPushSubscriptionRequest,
  presentSubscription,
} from './push-subscriptions.models.js';

@ApiTags('Preferences')
@Controller('preferences/push-subscriptions')
export class PushSubscriptionsController {
  constructor(private readonly subscriptions: PushSubscriptions) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    summary: 'See in which browsers I am told, and what another one subscribes with',
    description:
      'pushManager.subscribe({userVisibleOnly: true, applicationServerKey: public_key}) gives what PUT takes.',
  })
  @ApiOkResponse({ type: PushSubscriptionsAnswer })
  async list(@By() caller: PersonCaller): Promise<PushSubscriptionsAnswer> {
    const { publicKey, subscriptions } = await this.subscriptions.list(caller);
    return { public_key: publicKey, subscriptions: subscriptions.map(presentSubscription) };
  }

  @Put()
  @Allow('person')
  @ApiOperation({
    summary: 'Be told in this browser',
    description:
      'PushSubscription.toJSON() as the body. A browser is that of one person: whoever else had it in this organization is told there no more. Of more than 20 the oldest is forgotten.',
  })
  @ApiCreatedResponse({ type: PushSubscriptionAnswer, description: 'New to this person.' })
  @ApiOkResponse({ type: PushSubscriptionAnswer, description: 'Known, with the keys as they are now.' })
  async put(
    @By() caller: PersonCaller,
    @Body() { endpoint, keys }: PutPushSubscriptionRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PushSubscriptionAnswer> {
    const saved = await this.subscriptions.put(caller, { endpoint, keys });
    void reply.status(saved.created ? 201 : 200);
    return presentSubscription(saved);
  }

  @Delete()
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    summary: 'Be told in a browser no more',
    description: 'To be sent before the browser unsubscribes, or on signing out there. It may be repeated.',
  })
  @ApiNoContentResponse()
  async remove(
    @By() caller: PersonCaller,
    @Query() { endpoint }: DeletePushSubscriptionRequest,
  ): Promise<void> {
    await this.subscriptions.remove(caller, endpoint);
  }
}
