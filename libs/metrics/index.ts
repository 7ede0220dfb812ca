export { MetricsServer, serveMetrics } from './metrics-server.js';
export { MetricsModule } from './metrics.module.js';
export { inTimeForScrape } from './scrape-timeout.js';
export { shareFor } from './share-for.js';
export {
  type Aggregator,
  METRICS_CONTENT_TYPE,
  Metrics,
  collectFromProcesses,
  offerToFirst,
} from './metrics.js';
