import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import { DELIVERY_STATUSES } from '#delivery';
import type { Caller } from '#identity';
import { type Stats, StatsService } from '#stats';

const count = { type: 'integer', example: 5 } as const;

export class DayAnswer {
  @ApiProperty(count) messages!: number;

  @ApiProperty({
    type: Object,
    additionalProperties: { type: 'integer' },
    description: 'By status.',
    example: { waiting: 1, sent: 4, failed: 0, cancelled: 0 },
  })
  deliveries!: Record<string, number>;
}

export class StatsAnswer {
  @ApiProperty(count) members!: number;
  @ApiProperty(count) threads!: number;
  @ApiProperty({ ...count, description: 'Events that could not be handled.', example: 0 })
  dead_letters!: number;

  @ApiProperty({ type: DayAnswer, description: 'What has come since this time yesterday.' })
  last_24_hours!: DayAnswer;
}

const present = ({ members, threads, dead_letters, messages, deliveries }: Stats): StatsAnswer => ({
  members,
  threads,
  dead_letters,
  last_24_hours: {
    messages,
    deliveries: Object.fromEntries(DELIVERY_STATUSES.map((status) => [status, deliveries[status] ?? 0])),
  },
});

@ApiTags('Administration')
@Controller('admin/stats')
export class StatsController {
  constructor(private readonly stats: StatsService) {}

  @Get()
  @Allow('stats:read')
  @ApiOperation({
    summary: 'See the organization in numbers',
    description: 'How many there are of what, and what has come in the last 24 hours; never who or what.',
  })
  @ApiOkResponse({ type: StatsAnswer })
  async get(@By() caller: Caller): Promise<StatsAnswer> {
    return present(await this.stats.get(caller));
  }
}
