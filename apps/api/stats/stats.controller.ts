import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import type { Caller } from '#identity';
import { type Stats, StatsService } from '#stats';

const count = { type: 'integer', example: 5 } as const;

export class DayResponse {
  @ApiProperty({ ...count, description: 'At most 10,000.' }) messages!: number;

  @ApiProperty({
    type: Object,
    additionalProperties: { type: 'integer' },
    description: 'The deliveries by status, at most 10,000 each.',
    example: { waiting: 1, sent: 4, failed: 0, cancelled: 0 },
  })
  deliveries!: Record<string, number>;
}

export class StatsResponse {
  @ApiProperty({ ...count, description: 'At most 100,000.' }) members!: number;
  @ApiProperty({ ...count, description: 'At most 10,000.' }) threads!: number;
  @ApiProperty({
    ...count,
    description: 'The number of events in the dead letter queue, at most 10,000.',
    example: 0,
  })
  dead_letters!: number;

  @ApiProperty({ type: DayResponse, description: 'The last 24 hours.' })
  last_24_hours!: DayResponse;
}

const present = ({ members, threads, dead_letters, messages, deliveries }: Stats): StatsResponse => ({
  members,
  threads,
  dead_letters,
  last_24_hours: {
    messages,
    deliveries,
  },
});

@ApiTags('Administration')
@Controller('admin/stats')
export class StatsController {
  constructor(private readonly stats: StatsService) {}

  @Get()
  @Allow('stats:read')
  @ApiOperation({
    operationId: 'getStats',
    summary: 'Get statistics',
    description:
      'Counts the members, threads and dead letters of the organization, and the messages and deliveries of the last 24 hours. Each count stops at a limit, so that it costs little in a large organization. Contains no names and no content.',
  })
  @ApiOkResponse({ type: StatsResponse })
  async get(@CurrentCaller() caller: Caller): Promise<StatsResponse> {
    return present(await this.stats.get(caller));
  }
}
