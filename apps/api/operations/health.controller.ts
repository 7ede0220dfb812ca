import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import { Reachability } from '#database';
import { Problem } from '#problem';
import { ServingState } from './serving-state.js';

class HealthResponse {
  @ApiProperty({ description: 'Always ok. Anything else is an error response.', example: 'ok' })
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
  @ApiOperation({
    operationId: 'checkLiveness',
    summary: 'Check liveness',
    description: 'Returns 200 while the process runs. The database is not asked.',
  })
  @ApiOkResponse({ type: HealthResponse })
  live(): HealthResponse {
    return { status: 'ok' };
  }

  @Get('ready')
  @Public()
  @ApiOperation({
    operationId: 'checkReadiness',
    summary: 'Check readiness',
    description:
      'Returns 200 while this process takes requests. Returns 503 `unavailable` while the database cannot be reached, and as soon as the process is told to stop.',
  })
  @ApiOkResponse({ type: HealthResponse })
  async ready(): Promise<HealthResponse> {
    if (this.state.draining || !(await this.database.isReachable())) throw new Problem('unavailable');
    return { status: 'ok' };
  }
}
