export { MetricsServer } from './metrics-server.js';
export { MetricsModule } from './metrics.module.js';
export { METRICS_CONTENT_TYPE, Metrics } from './metrics.js';
