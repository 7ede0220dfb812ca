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
import { Unsubscriptions } from '#delivery';
import { UNSUBSCRIBE_POLICY, presentSubscription } from './unsubscribe.page.js';

const Page = (): MethodDecorator =>
  applyDecorators(
    Header('Content-Type', 'text/html; charset=utf-8'),
    Header('Content-Security-Policy', UNSUBSCRIBE_POLICY),
    Header('Cache-Control', 'no-store'),
    ApiParam({
      name: 'token',
      description: 'From a mail. It says which person and which e-mail it is about, and is good for ever.',
      schema: { type: 'string', example: 'AZmgAAAAcACAAAAAAAAAAQ' },
    }),
    ApiProduces('text/html'),
    ApiOkResponse({ description: 'A page for people.', schema: { type: 'string' } }),
  );

@ApiTags('Preferences')
@Controller('unsubscribe/:token')
export class UnsubscribeController {
  constructor(private readonly unsubscriptions: Unsubscriptions) {}

  @Get()
  @Public()
  @Page()
  @ApiOperation({
    summary: 'See what a link in a mail would end',
    description: 'A form, and nothing is changed: mail programs follow links on their own.',
  })
  async show(@Param('token') token: string): Promise<string> {
    return presentSubscription(await this.unsubscriptions.find(token));
  }

  @Post()
  @HttpCode(200)
  @Public()
  @Page()
  @ApiOperation({
    summary: 'Unsubscribe by a link in a mail',
    description:
      'For mail programs (RFC 8058) and for the form. Turns e-mail off in the preferences of the person for the type that the mail was about, or, of a digest of several, for all types that are gathered. 409 for what the organization has locked. Can be repeated.',
  })
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
