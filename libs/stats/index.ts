export { StatsModule } from './stats.module.js';
export { StatsService } from './stats.service.js';
export type { Stats } from './stats.repository.js';
