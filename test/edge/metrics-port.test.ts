import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { MetricsServer } from '#metrics';
import { useApi } from '../support/api.js';
import { Program } from '../support/process.js';
import { expectRefusal, useProcesses } from '../start/processes.js';
import { freePort } from '../support/free-port.js';

const api = useApi({ metrics: { port: 0, host: '127.0.0.1' } });
const processes = useProcesses();

describe('with METRICS_PORT', () => {
  it('metrics are served on that port alone, and nothing else is', async () => {
    const address = `http://127.0.0.1:${api.app.get(MetricsServer).port}`;
    await api.anybody.get('/health/live');
    const metrics = await fetch(`${address}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toContain(
      'http_request_duration_seconds_count{method="GET",route="/health/live"',
    );
    for (const path of ['/', '/health/live', '/api/v1/me', '/metricsx'])
      expect((await fetch(address + path)).status).toBe(404);
    expect((await fetch(`${address}/metrics`, { method: 'POST' })).status).toBe(404);
    expect((await api.anybody.get('/metrics')).status).toBe(404);
  });

  it('a worker serves its own metrics', async () => {
    const { url } = await processes.database();
    const port = await freePort();
    const worker = new Program('apps/worker/main.js', [], {
      DATABASE_URL: url,
      AUTH_MODE: 'dev',
      METRICS_PORT: String(port),
    });
    try {
      await worker.printed(/"msg":"working"/);
      const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
      expect(await metrics.text()).toContain('process_resident_memory_bytes');
    } finally {
      await worker.kill('SIGKILL');
    }
  });

  it('a port in use ends the start with one sentence', async () => {
    const { url } = await processes.database();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const ending = await processes.run('apps/api/main.js', [], {
      DATABASE_URL: url,
      AUTH_MODE: 'dev',
      METRICS_PORT: String(port),
    });
    expectRefusal(ending, new RegExp(`METRICS_PORT ${port} cannot be opened`));
    taken.close();
  });
});
