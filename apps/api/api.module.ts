import { type DynamicModule, Module } from '@nestjs/common';
import { type Config, ConfigModule } from '#config';
import { DatabaseModule, type DatabaseUrls } from '#database';
import { OutboxNotifier } from '#outbox';
import { MetricsModule } from '#metrics';
import { BackgroundModule } from '#background';
import { AuditApiModule } from './audit/audit-api.module.js';
import { DeliveriesApiModule } from './deliveries/deliveries-api.module.js';
import { DevModule } from './dev/dev.module.js';
import { LimitsModule } from './http/limits.module.js';
import { RequestPipelineModule } from './http/request-pipeline.module.js';
import { IdentityApiModule } from './identity/identity-api.module.js';
import { MessagingApiModule } from './messaging/messaging-api.module.js';
import { NotificationsApiModule } from './notifications/notifications-api.module.js';
import { HealthController } from './operations/health.controller.js';
import { MetricsController } from './operations/metrics.controller.js';
import { RequestMetrics } from './operations/request-metrics.js';
import { PreferencesApiModule } from './preferences/preferences-api.module.js';
import { ServingModule } from './operations/serving.module.js';
import { RealtimeApiModule } from './realtime/realtime-api.module.js';
import { StatsApiModule } from './stats/stats-api.module.js';
import { WebhooksApiModule } from './webhooks/webhooks-api.module.js';

@Module({})
export class ApiModule {
  static forRoot(config: Config, urls: DatabaseUrls): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        ConfigModule.forRoot(config),
        MetricsModule,
        DatabaseModule.forRoot(urls),
        LimitsModule,
        RequestPipelineModule,
        ServingModule,
        ...(config.authentication.mode === 'dev' ? [DevModule] : []),
        IdentityApiModule,
        MessagingApiModule,
        NotificationsApiModule,
        PreferencesApiModule,
        DeliveriesApiModule,
        WebhooksApiModule,
        AuditApiModule,
        RealtimeApiModule,
        StatsApiModule,
        ...(config.worker === 'inline' ? [BackgroundModule] : []),
      ],
      controllers: [HealthController, ...(config.metrics || config.processes > 1 ? [] : [MetricsController])],
      providers: [RequestMetrics, ...(config.worker === 'off' ? [OutboxNotifier] : [])],
    };
  }
}
