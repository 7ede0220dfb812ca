import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { useProcesses } from '../start/processes.js';
import { freePort } from '../support/free-port.js';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLE = `${ROOT}examples/integrate`;
const PLATFORM_API_KEY = 'a-platform-key-of-32-characters-or-more';

const processes = useProcesses();

it(
  'the example signs in, notifies over WebSocket and webhook, and sends a message',
  { timeout: 180_000 },
  async () => {
    const port = await freePort();
    const server = await processes.serve({
      DATABASE_URL: (await processes.database()).url,
      AUTH_MODE: 'jwt',
      AUTH_JWKS_URL: `http://localhost:${port}/jwks.json`,
      AUTH_ISSUER: `http://localhost:${port}`,
      AUTH_AUDIENCE: 'tidings',
      PLATFORM_API_KEY,
      WEBHOOK_ALLOW_PRIVATE: 'true',
    });

    const { stdout, stderr } = await run(process.execPath, ['main.js'], {
      cwd: EXAMPLE,
      timeout: 120_000,
      env: {
        TIDINGS_URL: `http://127.0.0.1:${server.port}`,
        PLATFORM_API_KEY,
        BACKEND_PORT: String(port),
      },
    });

    expect(stderr).toBe('');
    const guide = await readFile(`${ROOT}docs/integrate.md`, 'utf8');
    const [, documented] = /^```text\n([\s\S]*?)^```$/m.exec(guide)!;
    const comparable = (text: string) => text.replace(/td_\S+/, 'td_…');
    expect(comparable(stdout)).toBe(comparable(documented!));
  },
);

it('the guide shows only code of the example', async () => {
  const guide = await readFile(`${ROOT}docs/integrate.md`, 'utf8');
  const files = await readdir(EXAMPLE);
  const example = (await Promise.all(files.map((file) => readFile(`${EXAMPLE}/${file}`, 'utf8')))).join('\n');
  const shown = [...guide.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
  expect(shown.length).toBeGreaterThan(5);
  for (const code of shown) expect(example).toContain(code.trim());
});
