import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import { METRICS_CONTENT_TYPE, Metrics } from '#metrics';

@ApiTags('Operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Public()
  @Header('Content-Type', METRICS_CONTENT_TYPE)
  @ApiOperation({
    summary: 'Figures for Prometheus',
    description:
      'Of this process; none of an organization. Where METRICS_PORT is set, they are served there instead.',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  read(): Promise<string> {
    return this.metrics.text();
  }
}
