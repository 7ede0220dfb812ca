import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { PATIENCE, expectRefusal, useProcesses } from './processes.js';
import { freePort } from '../support/free-port.js';

const processes = useProcesses();

const SETTINGS = { AUTH_MODE: 'dev', DEMO: 'true', RATE_LIMIT: 'off', PROCESSES: '2' };

const childrenOf = (pid: number): number[] =>
  spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line !== '')
    .map(Number);

describe('PROCESSES=2', () => {
  it('shares one port, adds up metrics, replaces a killed process and stops in order', async () => {
    const database = await processes.database();
    const [port, metricsPort] = [await freePort(), await freePort()];
    const server = await processes.serve({
      DATABASE_URL: database.url,
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      ...SETTINGS,
    });
    const children = () => childrenOf(server.pid);
    await expect.poll(children, PATIENCE).toHaveLength(2);
    const ada = await server.signIn('ada');
    const me = async () => (await server.send('GET', '/api/v1/me', ada)).status;
    await expect.poll(me, PATIENCE).toBe(200);
    const counted = async () => {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      return {
        requests: Number(
          /^http_request_duration_seconds_count\{[^}]*"\/api\/v1\/me"[^}]*\} (\d+)$/m.exec(text)?.[1],
        ),
      };
    };
    // A request is counted once its response is sent.
    await expect.poll(async () => (await counted()).requests, PATIENCE).toBeGreaterThan(0);
    const { requests: before } = await counted();
    for (let count = 0; count < 20; count++) expect(await me()).toBe(200);
    await expect.poll(async () => (await counted()).requests, PATIENCE).toBe(before + 20);

    const [killed] = children();
    process.kill(killed!, 'SIGKILL');
    const others = () => children().filter((pid) => pid !== killed);
    await expect.poll(others, PATIENCE).toHaveLength(2);
    await expect.poll(me, PATIENCE).toBe(200);

    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    const sessions = () =>
      database.query(
        'SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    await expect.poll(sessions, PATIENCE).toEqual([]);
  });

  it('ends with one sentence if the first process cannot start', async () => {
    const database = await processes.database({ migrated: false });
    const ending = await processes.run('apps/api/main.js', [], {
      DATABASE_URL: database.url,
      NODE_ENV: 'production',
      ...SETTINGS,
    });
    expect(ending.code).toBe(1);
    expect(ending.stderr).toMatch(/^[^\n]+\.\n$/);
  });

  it('needs a PostgreSQL of its own', async () => {
    const ending = await processes.run('apps/api/main.js', [], {
      DATA_DIR: await processes.folder(),
      ...SETTINGS,
    });
    expectRefusal(ending, /^DATABASE_URL must be set for more than one of PROCESSES/);
  });
});
