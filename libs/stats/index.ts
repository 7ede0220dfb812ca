export { StatsModule } from './stats.module.js';
export type { Stats } from './stats.queries.js';
export { StatsService } from './stats.service.js';
