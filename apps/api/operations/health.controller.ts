import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import { Reachability } from '#database';
import { Problem } from '#problem';
import { ServingState } from './serving-state.js';

class HealthAnswer {
  @ApiProperty({ description: 'Always ok: otherwise the answer is a problem.', example: 'ok' })
  status!: string;
}

@ApiTags('Operations')
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Reachability,
    private readonly state: ServingState,
  ) {}

  @Get('live')
  @Public()
  @ApiOperation({ summary: 'Is the process alive?', description: 'Does not ask the database.' })
  @ApiOkResponse({ type: HealthAnswer })
  live(): HealthAnswer {
    return { status: 'ok' };
  }

  @Get('ready')
  @Public()
  @ApiOperation({
    summary: 'May requests be sent here?',
    description: '503 while the database cannot be reached, and as soon as the process is to stop.',
  })
  @ApiOkResponse({ type: HealthAnswer })
  async ready(): Promise<HealthAnswer> {
    if (this.state.draining || !(await this.database.isReachable())) throw new Problem('unavailable');
    return { status: 'ok' };
  }
}
