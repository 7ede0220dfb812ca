import type { TestProject } from 'vitest/node';
import { provideCluster } from '../support/cluster.js';

/** One PostgreSQL a run that keeps what it has acknowledged, as in production, since that is what is tested. */
export default (project: TestProject): Promise<() => Promise<void>> =>
  provideCluster(project, ['max_connections=200']);
