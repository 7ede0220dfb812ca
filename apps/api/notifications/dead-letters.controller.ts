import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import type { DeadLetter } from '#database';
import { type Caller, isId } from '#identity';
import { DeadLetters } from '#notifications';
import { optionalText, presentTime, time } from '../http/answers.js';
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
    description: 'Events whose notifications failed twelve times, over about an hour.',
  })
  @ApiOkResponse({ type: DeadLetterListAnswer })
  async list(@By() caller: Caller, @Query() { limit, cursor }: ListRequest): Promise<DeadLetterListAnswer> {
    const rows = await this.letters.list(caller, { limit: limit + 1, before: decodeCursor(cursor, isId) });
    return page(rows, limit, present, ({ id }) => id);
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
