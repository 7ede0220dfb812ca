import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import type { Caller } from '#identity';
import { type RolePair, MessagingRulesService } from '#messaging';
import { ListRequest, decodeCursor } from '../http/list.js';
import { MessagingRulesResponse, presentRules } from './oversight.presenters.js';
import { PutMessagingRulesRequest } from './oversight.requests.js';

@ApiTags('Administration')
@Controller('admin/messaging-rules')
export class MessagingRulesController {
  constructor(private readonly rules: MessagingRulesService) {}

  @Get()
  @Allow('roles:manage')
  @ApiOperation({
    operationId: 'listMessagingRules',
    summary: 'List messaging rules',
    description:
      'Returns one rule for each pair of roles, sorted by `from_role` and `to_role`, and the delete window.',
  })
  @ApiOkResponse({ type: MessagingRulesResponse })
  async get(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<MessagingRulesResponse> {
    return presentRules(await this.rules.get(caller, { after: pairOf(cursor), limit }));
  }

  @Put()
  @Allow('roles:manage')
  @ApiOperation({
    operationId: 'putMessagingRules',
    summary: 'Put messaging rules',
    description:
      'Replaces all rules. Omitted pairs of roles get the default: everybody may start a conversation, except that users may only reply to clinicians. Returns the first 100 rules. A role that does not exist returns 400 `validation_failed`.',
  })
  @ApiOkResponse({ type: MessagingRulesResponse })
  async put(
    @CurrentCaller() caller: Caller,
    @Body() { rules, delete_window_hours }: PutMessagingRulesRequest,
  ): Promise<MessagingRulesResponse> {
    const given = rules.map((rule) => ({ ...rule, reply_window_days: rule.reply_window_days ?? null }));
    const input = { rules: given, delete_window_hours };
    return presentRules(await this.rules.put(caller, input, { limit: PUT_LIMIT }));
  }
}

/** The maximum number of rules in the response of PUT. */
const PUT_LIMIT = 100;

/** The pair of roles in a cursor. */
function pairOf(cursor: string | undefined): RolePair | undefined {
  const position = decodeCursor(cursor, (text) => pairIn(text) !== undefined);
  return position === undefined ? undefined : pairIn(position);
}

function pairIn(text: string): RolePair | undefined {
  try {
    const pair: unknown = JSON.parse(text);
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    const [from_role, to_role] = pair as unknown[];
    return typeof from_role === 'string' && typeof to_role === 'string' ? { from_role, to_role } : undefined;
  } catch {
    return undefined;
  }
}
