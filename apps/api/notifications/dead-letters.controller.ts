import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { fetchPage } from '#database';
import { type DeadLetter, DeadLettersService } from '#outbox';
import { type Caller, isId } from '#identity';
import { optionalText, presentTime, time } from '../http/responses.js';
import { TextField, TimeField } from '../http/fields.js';
import { ListResponse, ListRequest, decodeCursor, presentPage } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';

/** No event of the demo fails, so this id does not exist. */
const EXAMPLE = '0199a000-0000-7000-8000-000000000601';

export class DeadLetterResponse {
  @ApiProperty({ format: 'uuid', example: EXAMPLE }) id!: string;
  @ApiProperty({ description: 'The type of the event.', example: 'message.sent' }) type!: string;

  @ApiProperty({
    type: Object,
    additionalProperties: true,
    description: 'The payload of the event: ids only.',
    example: {},
  })
  payload!: object;

  @ApiProperty({ type: 'integer', example: 12 }) attempts!: number;
  @ApiProperty({ ...optionalText, example: 'SQLSTATE 57014' }) last_error!: string | null;
  @ApiProperty({ ...time, description: 'When the event was recorded.' }) created_at!: string;
  @ApiProperty({ ...time, description: 'When the last attempt failed.' }) failed_at!: string;
}

export class DeadLetterListResponse extends ListResponse {
  @ApiProperty({ type: [DeadLetterResponse], description: 'Newest first.' }) data!: DeadLetterResponse[];
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
    description: 'Only events whose last attempt failed before this time.',
    example: '2026-11-20T09:30:00Z',
    optional: true,
  })
  before?: Date;
}

export class RetryDeadLettersResponse {
  @ApiProperty({ type: 'integer', description: 'The number of retried events.', example: 0 })
  retried!: number;

  @ApiProperty({
    type: 'integer',
    description: 'The number of remaining events, at most 10,000. Repeat the request to retry them.',
    example: 0,
  })
  remaining!: number;
}

const present = (letter: DeadLetter): DeadLetterResponse => ({
  id: letter.id,
  type: letter.type,
  payload: letter.payload,
  attempts: letter.attempts,
  last_error: letter.last_error,
  created_at: presentTime(letter.created_at),
  failed_at: presentTime(letter.failed_at),
});

@ApiTags('Deliveries')
@Controller('admin/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersService) {}

  @Get()
  @Allow('deliveries:manage')
  @ApiOperation({
    operationId: 'listDeadLetters',
    summary: 'List dead letters',
    description:
      'Returns the events whose handlers failed twelve times, within 18 to 37 minutes, newest first.',
  })
  @ApiOkResponse({ type: DeadLetterListResponse })
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<DeadLetterListResponse> {
    const before = decodeCursor(cursor, isId);
    const page = await fetchPage({ limit, before }, (list) => this.letters.list(caller, list));
    return presentPage(page, present, ({ id }) => id);
  }

  @Post('retry')
  @HttpCode(200)
  @Allow('deliveries:manage')
  @ApiOperation({
    operationId: 'retryDeadLetters',
    summary: 'Retry dead letters',
    description:
      'Retries the oldest events, at most 1,000 in one request. Handlers are idempotent, so a retry repeats no effect.',
  })
  @ApiBody({
    type: RetryDeadLettersRequest,
    examples: {
      all: { summary: 'All', value: {} },
      type: { summary: 'Of one type', value: { type: 'message.sent' } },
    },
  })
  @ApiOkResponse({ type: RetryDeadLettersResponse })
  retryMany(
    @CurrentCaller() caller: Caller,
    @Body() request: RetryDeadLettersRequest,
  ): Promise<RetryDeadLettersResponse> {
    return this.letters.retryMany(caller, request);
  }

  @Post(':id/retry')
  @HttpCode(204)
  @Allow('deliveries:manage')
  @ApiOperation({
    operationId: 'retryDeadLetter',
    summary: 'Retry a dead letter',
    description: 'Handlers are idempotent, so a retry repeats no effect.',
  })
  @ApiIdParam('id', 'The id from the list.', EXAMPLE)
  @ApiNoContentResponse()
  async retry(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<void> {
    await this.letters.retry(caller, id);
  }
}
