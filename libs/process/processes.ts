import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { ConfigurationError, type WorkerConfig } from '#config';
import { collectFromProcesses, offerToFirst, serveMetrics } from '#metrics';
import { createLogger } from './logger.js';
import { stopRequested } from './stop.js';

/** A process that ends soon after its start is started again after ever longer delays. */
const MIN_DELAY_MILLISECONDS = 1000;
const MAX_DELAY_MILLISECONDS = 30_000;
const SOON_MILLISECONDS = 60_000;

const READY = 'ready';

/**
 * Runs the program in as many processes as PROCESSES says. They share the port; one that ends is replaced; a signal
 * stops all of them. With one process there is no supervisor.
 */
export async function inProcesses(config: WorkerConfig, program: () => Promise<void>): Promise<void> {
  if (cluster.isWorker) offerToFirst();
  if (config.processes === 1 || cluster.isWorker) return program();
  if (!config.database) {
    throw new ConfigurationError(
      'DATABASE_URL must be set for more than one of PROCESSES: the embedded PostgreSQL belongs to one.',
    );
  }
  const requested = stopRequested();
  const logger = createLogger(config);
  if (config.metrics) await serveMetrics(config.metrics, collectFromProcesses());
  const supervisor = new Supervisor(logger);
  await supervisor.startFirst();
  for (let count = 1; count < config.processes; count++) supervisor.start();
  logger.info({ reason: await requested }, 'stopping');
  await supervisor.stop();
  process.exit(0);
}

/** To be called by the program once it works. */
export const announceReady = (): void => {
  process.send?.(READY);
};

class Supervisor {
  private hasStarted = false;
  private isStopping = false;

  constructor(private readonly logger: Logger) {}

  /**
   * Exits if the first process does not become ready: the others would fail for the same reason, which it has printed.
   */
  async startFirst(): Promise<void> {
    const worker = this.start();
    const isReady = await new Promise<boolean>((resolve) => {
      worker.once('message', () => resolve(true));
      worker.once('exit', () => resolve(false));
    });
    if (!isReady) process.exit(1);
    this.hasStarted = true;
  }

  start(lastDelay = 0): Worker {
    const startedAt = performance.now();
    const worker = cluster.fork();
    worker.once('exit', (code, signal) => {
      if (this.isStopping || !this.hasStarted) return;
      const isSoon = performance.now() - startedAt < SOON_MILLISECONDS;
      const next = isSoon ? Math.min(MAX_DELAY_MILLISECONDS, lastDelay * 2 || MIN_DELAY_MILLISECONDS) : 0;
      this.logger.error(
        { pid: worker.process.pid, code, signal },
        `a process ended, starting another one in ${next / 1000} s`,
      );
      setTimeout(() => this.isStopping || this.start(next), next);
    });
    return worker;
  }

  /** Each process finishes its work within the limits of its own stop. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve) => {
            worker.once('exit', () => resolve());
            worker.process.kill('SIGTERM');
          }),
      ),
    );
  }
}
