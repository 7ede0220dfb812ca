import cluster from 'node:cluster';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CONFIG, ConfigurationError, type WorkerConfig } from '#config';
import { METRICS_CONTENT_TYPE, Metrics } from './metrics.js';

const TIMEOUT_MILLISECONDS = 5000;

/** Serves /metrics alone on METRICS_PORT, if that is set, in servers and workers. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server?: Server;

  constructor(
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: WorkerConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.metrics || cluster.isWorker) return;
    this.server = await serveMetrics(this.config.metrics, () => this.metrics.text());
  }

  /** undefined if METRICS_PORT is not set. */
  get port(): number | undefined {
    return (this.server?.address() as AddressInfo | null)?.port;
  }

  onApplicationShutdown(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

/** Listens for GET /metrics, and answers nothing else. */
export async function serveMetrics(
  { port, host }: NonNullable<WorkerConfig['metrics']>,
  text: () => Promise<string>,
): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: TIMEOUT_MILLISECONDS,
      requestTimeout: TIMEOUT_MILLISECONDS,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void respond(request, response, text),
  );
  server.listen(port, host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError(
      `METRICS_PORT ${port} cannot be opened on ${host} (${error.code}): set METRICS_PORT or METRICS_HOST to another one.`,
    );
  });
  return server;
}

async function respond(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<string>,
): Promise<void> {
  if (url?.split('?')[0] !== '/metrics' || !['GET', 'HEAD'].includes(method!)) {
    response.writeHead(404).end();
    return;
  }
  try {
    const body = await text();
    response.writeHead(200, { 'Content-Type': METRICS_CONTENT_TYPE }).end(body);
  } catch (error) {
    new Logger('Metrics').warn(`Collecting metrics failed: ${String(error)}`);
    response.writeHead(500).end();
  }
}
