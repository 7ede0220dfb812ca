import { Controller, Get, Header, HttpCode, Param, Post, applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { Public } from '#access';
import { UnsubscriptionsService } from '#email';
import { UNSUBSCRIBE_POLICY, presentSubscription } from './unsubscribe.page.js';
import { Problems } from '../http/problems.js';

const Page = (): MethodDecorator =>
  applyDecorators(
    Header('Content-Type', 'text/html; charset=utf-8'),
    Header('Content-Security-Policy', UNSUBSCRIBE_POLICY),
    Header('Cache-Control', 'no-store'),
    ApiParam({
      name: 'token',
      description: 'The token of a link in a mail. It identifies the person and the mail.',
      schema: { type: 'string', example: 'AZmgAAAAcACAAAAAAAAAAQ' },
    }),
    ApiProduces('text/html'),
    ApiOkResponse({ description: 'An HTML page.', schema: { type: 'string' } }),
  );

@ApiTags('Preferences')
@Controller('unsubscribe/:token')
export class UnsubscribeController {
  constructor(private readonly unsubscriptions: UnsubscriptionsService) {}

  @Get()
  @Public()
  @Page()
  @ApiOperation({
    operationId: 'getUnsubscribePage',
    summary: 'Get an unsubscribe page',
    description: 'Shows a form and changes nothing: mail programs follow links on their own.',
  })
  async show(@Param('token') token: string): Promise<string> {
    return presentSubscription(await this.unsubscriptions.find(token));
  }

  @Post()
  @HttpCode(200)
  @Public()
  @Page()
  @ApiOperation({
    operationId: 'unsubscribeFromEmail',
    summary: 'Unsubscribe from e-mail',
    description:
      'For mail programs (RFC 8058) and for the form. Turns e-mail off in the preferences of the person for the type of the mail or, for a digest of several types, for all types that are in digests. Repeating the request changes nothing. Returns 409 `preference_locked` if the organization has locked it.',
  })
  @Problems('preference_locked')
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({
    required: false,
    schema: {
      type: 'object',
      properties: { 'List-Unsubscribe': { type: 'string', example: 'One-Click' } },
    },
  })
  async end(@Param('token') token: string): Promise<string> {
    return presentSubscription(await this.unsubscriptions.end(token));
  }
}
