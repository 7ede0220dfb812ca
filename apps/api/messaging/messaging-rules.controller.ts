import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import type { Caller } from '#identity';
import { Rules } from '#messaging';
import { MessagingRulesAnswer, presentRules } from './oversight.presenters.js';
import { PutMessagingRulesRequest } from './oversight.requests.js';

@ApiTags('Administration')
@Controller('admin/messaging-rules')
export class MessagingRulesController {
  constructor(private readonly rules: Rules) {}

  @Get()
  @Allow('roles:manage')
  @ApiOperation({ summary: 'See who may write to whom' })
  @ApiOkResponse({ type: MessagingRulesAnswer })
  async get(@By() caller: Caller): Promise<MessagingRulesAnswer> {
    return presentRules(await this.rules.get(caller));
  }

  @Put()
  @Allow('roles:manage')
  @ApiOperation({
    summary: 'Decide who may write to whom',
    description:
      'Pairs of roles that are left out go back to the default: everybody may write first, but users to clinicians, whom they may answer.',
  })
  @ApiOkResponse({ type: MessagingRulesAnswer })
  async put(
    @By() caller: Caller,
    @Body() { rules, delete_window_hours }: PutMessagingRulesRequest,
  ): Promise<MessagingRulesAnswer> {
    const given = rules.map((rule) => ({ ...rule, reply_window_days: rule.reply_window_days ?? null }));
    return presentRules(await this.rules.put(caller, { rules: given, delete_window_hours }));
  }
}
