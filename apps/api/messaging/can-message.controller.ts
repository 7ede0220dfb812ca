import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import type { PersonCaller } from '#identity';
import { MessagingRulesService } from '#messaging';
import { PROBLEMS } from '#problem';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ApiPersonParam } from '../http/params.js';
import { optionalText } from '../http/responses.js';

export class CanMessageResponse {
  @ApiProperty({ example: true }) allowed!: boolean;

  @ApiProperty({
    ...optionalText,
    enum: ['blocked_by_you', 'role_not_allowed', 'recipient_unavailable', null],
    description: 'The error code that a message would get, or null.',
    example: null,
  })
  code!: string | null;

  @ApiProperty({ ...optionalText, description: 'The reason in words, or null.', example: null }) reason!:
    string | null;
}

@ApiTags('People')
@Controller('members/:person/can-message')
export class CanMessageController {
  constructor(private readonly rules: MessagingRulesService) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    operationId: 'checkMessaging',
    summary: 'Check messaging',
    description:
      'Returns whether the caller may write to a person, without sending anything. `code` is the error code that a message would get.',
  })
  @ApiPersonParam(DEMO_PEOPLE.theo.username)
  @ApiOkResponse({ type: CanMessageResponse })
  async ask(
    @CurrentCaller() caller: PersonCaller,
    @Param('person') person: string,
  ): Promise<CanMessageResponse> {
    const code = await this.rules.canMessage(caller, person);
    return { allowed: code === null, code, reason: code && PROBLEMS[code][2] };
  }
}
