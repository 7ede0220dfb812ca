// @vitest-environment happy-dom
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hydrateRoot } from 'react-dom/client';
import { build } from 'rolldown';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeServer, THREAD } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { settle } from './mount.js';
import { page } from './rendered-page.js';

/** The server of a product: renders the page, and prints the HTML and what it has requested. */
const SERVER = `
import { renderToString } from 'react-dom/server';
import { createTidings, page } from './packages/client/test/react/rendered-page.ts';
if (typeof window !== 'undefined') throw new Error('There is a window.');
let requests = 0;
const fetch = async () => {
  requests++;
  throw new Error('no network');
};
const tidings = createTidings({ url: 'https://t.example', getToken: () => 'token', fetch, WebSocket: null });
const html = renderToString(page(tidings, '${THREAD}', process.argv[2] === 'suspended'));
console.log(JSON.stringify({ html, requests }));
tidings.close();
process.exit();
`;

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidings-page-'));
  await build({
    input: 'server.js',
    platform: 'node',
    resolve: { conditionNames: ['source', 'node'] },
    output: { file: join(folder, 'server.mjs'), codeSplitting: false },
    logLevel: 'silent',
    plugins: [
      {
        name: 'server',
        resolveId: (id) => (id === 'server.js' ? join(process.cwd(), id) : null),
        load: (id) => (id === join(process.cwd(), 'server.js') ? SERVER : null),
      },
    ],
  });
});
afterAll(() => rm(folder, { recursive: true }));

async function rendered(...options: string[]): Promise<{ html: string; requests: number }> {
  const { stdout, stderr } = await promisify(execFile)('node', [join(folder, 'server.mjs'), ...options]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as { html: string; requests: number };
}

describe('a page that a server renders', () => {
  it('shows what is loading and initialData, and requests nothing', async () => {
    const { html, requests } = await rendered();
    expect(html).toBe('<p>7,,pending,pending,idle</p>');
    expect(requests).toBe(0);
  });

  it('is hydrated without a difference, and then loaded and followed', async () => {
    const { html } = await rendered();
    const container = document.createElement('div');
    container.innerHTML = html;
    const [before] = container.children;
    const errors = vi.fn<(error: unknown) => void>();
    server.tidings.store.connection.subscribe(() => undefined);
    await settle();
    const tree = page(server.tidings, THREAD);
    const root = hydrateRoot(container, tree, { onRecoverableError: errors });
    await settle();
    server.socket.accept();
    await settle();
    expect(container.innerHTML).toBe('<p>3,3,success,error,live</p>');
    expect(container.children[0]).toBe(before);
    expect(errors.mock.calls).toEqual([]);
    root.unmount();
  });

  it('leaves what suspends to the browser', async () => {
    const { html } = await rendered('suspended');
    expect(html).toContain('suspended');
    const container = document.createElement('div');
    container.innerHTML = html;
    const root = hydrateRoot(container, page(server.tidings, THREAD, true), {
      // React names the boundary that the server did not finish.
      onRecoverableError: () => undefined,
    });
    await settle();
    expect(container.textContent).toContain('success');
    root.unmount();
  });
});
