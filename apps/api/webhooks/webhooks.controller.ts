import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { fetchPage } from '#database';
import { MAX_ENDPOINTS, WebhookEndpointsService } from '#webhooks';
import { type Caller, isId } from '#identity';
import { DEMO_WEBHOOK } from '../demo/webhooks.js';
import { ListRequest, decodeCursor, presentPage } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { Problems } from '../http/problems.js';
import { Throttle } from '../http/throttle.js';
import {
  WebhookListResponse,
  WebhookTestResponse,
  WebhookWithSecretResponse,
  presentTest,
  presentWebhook,
  presentWebhookWithSecret,
} from './webhook.presenters.js';
import { CreateWebhookRequest, PatchWebhookRequest } from './webhook.requests.js';

/** A request waits for the endpoint, for up to 15 s. */
const MAX_TESTS_PER_MINUTE = 30;

const ApiWebhookParam = () => ApiIdParam('id', 'The id from the list.', DEMO_WEBHOOK.id);

@ApiTags('Webhooks')
@Controller('admin/webhooks')
export class WebhooksController {
  constructor(private readonly endpoints: WebhookEndpointsService) {}

  @Get()
  @Allow('webhooks:manage')
  @ApiOperation({
    operationId: 'listWebhooks',
    summary: 'List webhooks',
    description: 'Newest first, without their secrets.',
  })
  @ApiOkResponse({ type: WebhookListResponse })
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<WebhookListResponse> {
    const before = decodeCursor(cursor, isId);
    const page = await fetchPage({ limit, before }, (list) => this.endpoints.list(caller, list));
    return presentPage(page, presentWebhook, ({ id }) => id);
  }

  @Post()
  @Allow('webhooks:manage')
  @ApiOperation({
    operationId: 'createWebhook',
    summary: 'Create a webhook',
    description: `An organization has at most ${MAX_ENDPOINTS} webhooks: 409 \`conflict\` beyond that. The response shows the secret once.

The server sends each notification as a POST of \`{type: "notification.created", timestamp, data}\`, signed by Standard Webhooks. Verify it with the secret and one of the Standard Webhooks libraries, and return 2xx within 15 seconds. Anything else is retried, ten attempts over three days. A 410 disables the webhook, and so do five days without a success; its admins are notified.

Notifications of type MESSAGE are off for webhooks unless the organization turns them on, and have no content unless the caller holds \`messages:monitor\`.`,
  })
  @ApiCreatedResponse({ type: WebhookWithSecretResponse })
  async create(
    @CurrentCaller() caller: Caller,
    @Body() { url, types }: CreateWebhookRequest,
  ): Promise<WebhookWithSecretResponse> {
    return presentWebhookWithSecret(await this.endpoints.create(caller, { url, types }));
  }

  @Post(':id/test')
  @HttpCode(200)
  @Allow('webhooks:manage')
  @Throttle(MAX_TESTS_PER_MINUTE)
  @ApiOperation({
    operationId: 'testWebhook',
    summary: 'Test a webhook',
    description:
      'Sends an event of type `webhook.test` now, signed like all others, and returns the outcome. There is one attempt, even if the webhook is disabled. At most 30 requests a minute: 429 `rate_limited` beyond that.',
  })
  @ApiWebhookParam()
  @ApiOkResponse({ type: WebhookTestResponse })
  async test(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<WebhookTestResponse> {
    return presentTest(await this.endpoints.test(caller, id));
  }

  @Patch(':id')
  @Allow('webhooks:manage')
  @ApiOperation({
    operationId: 'updateWebhook',
    summary: 'Update a webhook',
    description:
      'Changes the URL or the types, enables or disables the webhook, or rotates its secret. Message content is sent only while the caller who last set the URL or the types holds `messages:monitor`. Returns 409 `conflict` if two earlier secrets are still valid and `revoke_previous_secrets` is not set.',
  })
  @Problems('conflict')
  @ApiWebhookParam()
  @ApiOkResponse({ type: WebhookWithSecretResponse })
  async change(
    @CurrentCaller() caller: Caller,
    @IdParam('id') id: string,
    @Body() patch: PatchWebhookRequest,
  ): Promise<WebhookWithSecretResponse> {
    return presentWebhookWithSecret(await this.endpoints.change(caller, id, patch));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('webhooks:manage')
  @ApiOperation({
    operationId: 'deleteWebhook',
    summary: 'Delete a webhook',
    description: 'Waiting deliveries are cancelled.',
  })
  @ApiWebhookParam()
  @ApiNoContentResponse()
  async delete(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<void> {
    await this.endpoints.delete(caller, id);
  }
}
