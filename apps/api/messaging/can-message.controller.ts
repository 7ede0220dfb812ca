import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import type { PersonCaller } from '#identity';
import { Rules } from '#messaging';
import { PROBLEMS } from '#problem';
import { DEMO_PEOPLE } from '../demo/people.js';
import { optionalText } from '../http/answers.js';

export class CanMessageAnswer {
  @ApiProperty({ example: true }) allowed!: boolean;

  @ApiProperty({
    ...optionalText,
    enum: ['blocked_by_you', 'role_not_allowed', 'recipient_unavailable', null],
    description: 'What sending would be answered.',
    example: null,
  })
  code!: string | null;

  @ApiProperty({ ...optionalText, description: 'The same in words.', example: null }) reason!: string | null;
}

@ApiTags('People')
@Controller('members/:person/can-message')
export class CanMessageController {
  constructor(private readonly rules: Rules) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    summary: 'Ask whether I may write to somebody',
    description: 'Tells what sending a message to them would be answered, and sends none.',
  })
  @ApiParam({ name: 'person', description: 'By id or username.', example: DEMO_PEOPLE.theo.username })
  @ApiOkResponse({ type: CanMessageAnswer })
  async ask(@By() caller: PersonCaller, @Param('person') person: string): Promise<CanMessageAnswer> {
    const code = await this.rules.canMessage(caller, person);
    return { allowed: code === null, code, reason: code && PROBLEMS[code][1] };
  }
}
