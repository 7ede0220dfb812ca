import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { fetchPage } from '#database';
import { ApiKeysService, type Caller, isId } from '#identity';
import { DEMO_API_KEY } from '../demo/people.js';
import { ListRequest, decodeCursor, presentPage } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { CreateApiKeyRequest } from './identity.requests.js';
import {
  ApiKeyListResponse,
  NewApiKeyResponse,
  presentListedApiKey,
  presentNewApiKey,
} from './identity.presenters.js';

@ApiTags('Administration')
@Controller('admin/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Get()
  @Allow('keys:manage')
  @ApiOperation({
    operationId: 'listApiKeys',
    summary: 'List API keys',
    description:
      'Returns the live keys, newest first, without their secrets. `creator_removed` marks keys whose creator no longer manages keys.',
  })
  @ApiOkResponse({ type: ApiKeyListResponse })
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<ApiKeyListResponse> {
    const before = decodeCursor(cursor, isId);
    const page = await fetchPage({ limit, before }, (list) => this.keys.list(caller, list));
    return presentPage(page, presentListedApiKey, ({ id }) => id);
  }

  @Post()
  @Allow('keys:manage')
  @ApiOperation({
    operationId: 'createApiKey',
    summary: 'Create an API key',
    description:
      'The response shows the secret once, and it is stored nowhere. A key can have only scopes that the caller holds: otherwise 403 `forbidden`.\n\nTo rotate a key, create a second one of the same name, deploy it, then revoke the first. Returns 409 `conflict` if two keys with this name are live.',
  })
  @ApiCreatedResponse({ type: NewApiKeyResponse })
  async create(
    @CurrentCaller() caller: Caller,
    @Body() input: CreateApiKeyRequest,
  ): Promise<NewApiKeyResponse> {
    return presentNewApiKey(await this.keys.create(caller, input));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('keys:manage')
  @ApiOperation({
    operationId: 'revokeApiKey',
    summary: 'Revoke an API key',
    description: 'The key stops working on every server within five seconds.',
  })
  @ApiIdParam('id', 'The id from the list.', DEMO_API_KEY.id)
  @ApiNoContentResponse()
  async revoke(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<void> {
    await this.keys.revoke(caller, id);
  }
}
