import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, By } from '#access';
import { MOST_ENDPOINTS, WebhookEndpoints } from '#delivery';
import { type Caller, isId } from '#identity';
import { DEMO_WEBHOOK } from '../demo/webhooks.js';
import { ListRequest, decodeCursor, page } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import {
  WebhookListAnswer,
  WebhookTestAnswer,
  WebhookWithSecretAnswer,
  presentTest,
  presentWebhook,
  presentWebhookWithSecret,
} from './webhook.presenters.js';
import { CreateWebhookRequest, PatchWebhookRequest } from './webhook.requests.js';

const ApiWebhookParam = () => ApiIdParam('id', 'As the list shows it.', DEMO_WEBHOOK.id);

@ApiTags('Administration')
@Controller('admin/webhooks')
export class WebhooksController {
  constructor(private readonly endpoints: WebhookEndpoints) {}

  @Get()
  @Allow('webhooks:manage')
  @ApiOperation({ summary: 'List the webhooks', description: 'Newest first, without their secrets.' })
  @ApiOkResponse({ type: WebhookListAnswer })
  async list(@By() caller: Caller, @Query() { limit, cursor }: ListRequest): Promise<WebhookListAnswer> {
    const rows = await this.endpoints.list(caller, {
      limit: limit + 1,
      before: decodeCursor(cursor, isId),
    });
    return page(rows, limit, presentWebhook, ({ id }) => id);
  }

  @Post()
  @Allow('webhooks:manage')
  @ApiOperation({
    summary: 'Have notifications sent to a URL',
    description: `At most ${MOST_ENDPOINTS}. Each notification comes as a POST of {type: "notification.created", timestamp, data}, signed by Standard Webhooks: verify it with the secret and one of its libraries, and answer 2xx within 15 seconds. Anything else is tried ten times over three days; 410 disables the webhook, and so do five days without a success; its admins are notified. Notifications of type MESSAGE are off for webhooks unless the organization turns them on, and come without content unless you hold messages:monitor.`,
  })
  @ApiCreatedResponse({ type: WebhookWithSecretAnswer })
  async create(
    @By() caller: Caller,
    @Body() { url, types }: CreateWebhookRequest,
  ): Promise<WebhookWithSecretAnswer> {
    return presentWebhookWithSecret(await this.endpoints.create(caller, { url, types }));
  }

  @Post(':id/test')
  @HttpCode(200)
  @Allow('webhooks:manage')
  @ApiOperation({
    summary: 'Send a test event now',
    description: 'Signed as all are, of type webhook.test; it is tried once, also while the webhook is off.',
  })
  @ApiWebhookParam()
  @ApiOkResponse({ type: WebhookTestAnswer })
  async test(@By() caller: Caller, @IdParam('id') id: string): Promise<WebhookTestAnswer> {
    return presentTest(await this.endpoints.test(caller, id));
  }

  @Patch(':id')
  @Allow('webhooks:manage')
  @ApiOperation({
    summary: 'Change a webhook, turn it off and on, or rotate its secret',
    description:
      'Whoever sets the URL or the types decides whether message content is sent: it is only while they hold messages:monitor.',
  })
  @ApiWebhookParam()
  @ApiOkResponse({ type: WebhookWithSecretAnswer })
  async change(
    @By() caller: Caller,
    @IdParam('id') id: string,
    @Body() patch: PatchWebhookRequest,
  ): Promise<WebhookWithSecretAnswer> {
    return presentWebhookWithSecret(await this.endpoints.change(caller, id, patch));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('webhooks:manage')
  @ApiOperation({ summary: 'Delete a webhook', description: 'What was to be sent there is cancelled.' })
  @ApiWebhookParam()
  @ApiNoContentResponse()
  async delete(@By() caller: Caller, @IdParam('id') id: string): Promise<void> {
    await this.endpoints.delete(caller, id);
  }
}
