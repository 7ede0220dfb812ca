import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, By } from '#access';
import type { DeadLetter } from '#database';
import { type Caller, isId } from '#identity';
import { DeadLetters } from '#notifications';
import { optionalText, presentTime, time } from '../http/answers.js';
import { TextField, TimeField } from '../http/fields.js';
import { ListAnswer, ListRequest, decodeCursor, page } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';

/** In the demo nothing fails, so there is none to be tried. */
const EXAMPLE = '0199a000-0000-7000-8000-000000000601';

export class DeadLetterAnswer {
  @ApiProperty({ format: 'uuid', example: EXAMPLE }) id!: string;
  @ApiProperty({ description: 'What happened.', example: 'message.sent' }) type!: string;

  @ApiProperty({ type: Object, additionalProperties: true, description: 'To what: ids only.', example: {} })
  payload!: object;

  @ApiProperty({ type: 'integer', example: 12 }) attempts!: number;
  @ApiProperty({ ...optionalText, example: 'SQLSTATE 57014' }) last_error!: string | null;
  @ApiProperty({ ...time, description: 'When it happened.' }) created_at!: string;
  @ApiProperty({ ...time, description: 'When it was given up.' }) failed_at!: string;
}

export class DeadLetterListAnswer extends ListAnswer {
  @ApiProperty({ type: [DeadLetterAnswer], description: 'Newest first.' }) data!: DeadLetterAnswer[];
}

export class RetryDeadLettersRequest {
  @TextField({
    description: 'Only events of this type.',
    maxLength: 100,
    example: 'message.sent',
    optional: true,
  })
  type?: string;

  @TimeField({
    description: 'Only events that were given up before this time.',
    example: '2026-11-20T09:30:00Z',
    optional: true,
  })
  before?: Date;
}

export class RetryDeadLettersAnswer {
  @ApiProperty({ type: 'integer', description: 'How many events are tried again.', example: 0 })
  retried!: number;

  @ApiProperty({
    type: 'integer',
    description: 'How many more there are, at most 10,000: send the request again for them.',
    example: 0,
  })
  remaining!: number;
}

const present = (letter: DeadLetter): DeadLetterAnswer => ({
  id: letter.id,
  type: letter.type,
  payload: letter.payload,
  attempts: letter.attempts,
  last_error: letter.last_error,
  created_at: presentTime(letter.created_at),
  failed_at: presentTime(letter.failed_at),
});

@ApiTags('Administration')
@Controller('admin/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLetters) {}

  @Get()
  @Allow('deliveries:manage')
  @ApiOperation({
    summary: 'See what could not be handled',
    description: 'Events whose notifications failed twelve times, within 18 to 37 minutes.',
  })
  @ApiOkResponse({ type: DeadLetterListAnswer })
  async list(@By() caller: Caller, @Query() { limit, cursor }: ListRequest): Promise<DeadLetterListAnswer> {
    const rows = await this.letters.list(caller, { limit: limit + 1, before: decodeCursor(cursor, isId) });
    return page(rows, limit, present, ({ id }) => id);
  }

  @Post('retry')
  @HttpCode(200)
  @Allow('deliveries:manage')
  @ApiOperation({
    summary: 'Retry dead letters',
    description:
      'The oldest, at most 1,000 in one request. What an event has done already is not done twice.',
  })
  @ApiBody({
    type: RetryDeadLettersRequest,
    examples: {
      all: { summary: 'All', value: {} },
      type: { summary: 'Of one type', value: { type: 'message.sent' } },
    },
  })
  @ApiOkResponse({ type: RetryDeadLettersAnswer })
  retryMany(@By() caller: Caller, @Body() request: RetryDeadLettersRequest): Promise<RetryDeadLettersAnswer> {
    return this.letters.retryMany(caller, request);
  }

  @Post(':id/retry')
  @HttpCode(204)
  @Allow('deliveries:manage')
  @ApiOperation({
    summary: 'Have it tried again',
    description: 'What it has done already is not done twice.',
  })
  @ApiIdParam('id', 'As the list shows it.', EXAMPLE)
  @ApiNoContentResponse()
  async retry(@By() caller: Caller, @IdParam('id') id: string): Promise<void> {
    await this.letters.retry(caller, id);
  }
}
