import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { useProcesses } from '../start/processes.js';
import { RunningProcess } from '../support/process.js';
import { LAUNCH, hasBrowser } from './browser.js';
import { freePort } from '../support/free-port.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PLATFORM_API_KEY = 'a-platform-key-of-32-characters-or-more';
const processes = useProcesses();

/** As docs/client.md says: the server with the settings of the product, and the product by its one command. */
async function startHost(): Promise<string> {
  const port = await freePort();
  const host = `http://localhost:${port}`;
  const server = await processes.serve({
    DATABASE_URL: (await processes.database()).url,
    AUTH_MODE: 'jwt',
    AUTH_JWKS_URL: `${host}/jwks.json`,
    AUTH_ISSUER: host,
    AUTH_AUDIENCE: 'tidings',
    PLATFORM_API_KEY,
    CORS_ORIGINS: host,
  });
  const product = new RunningProcess(
    spawn('npm', ['start', '--workspace', 'examples/host'], {
      cwd: ROOT,
      env: {
        ...process.env,
        TIDINGS_URL: `http://127.0.0.1:${server.port}`,
        PLATFORM_API_KEY,
        HOST_PORT: String(port),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  // npm passes this on to the product, and cannot pass on SIGKILL.
  onTestFinished(async () => void (await product.kill('SIGTERM')));
  await product.printed(/Sign in at/);
  return host;
}

describe.runIf(hasBrowser)('the example of a host product', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await chromium.launch(LAUNCH)));
  afterAll(() => browser.close());

  const errors: string[] = [];

  async function signIn(host: string, name: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (line) => {
      if (line.type() === 'error') errors.push(line.text());
    });
    await page.goto(host);
    await page.getByRole('button', { name }).click();
    return page;
  }

  it('lets two people write to each other, live', { timeout: 180_000 }, async () => {
    const host = await startHost();
    const nora = await signIn(host, 'Nora Novak');
    const sam = await signIn(host, 'Sam Smith');
    await nora.getByRole('button', { name: 'Write to Sam Smith' }).click();
    const writer = nora.getByRole('textbox', { name: 'Message' });
    await writer.fill('Can I borrow your drill?');
    await writer.press('Enter');

    const badge = sam.getByLabel('Unread messages');
    await expect.poll(() => badge.textContent()).toBe('1');
    await sam.getByRole('button', { name: /Nora Novak.*Can I borrow your drill/ }).click();
    await sam.getByRole('listitem').getByText('Can I borrow your drill?', { exact: true }).waitFor();
    await expect.poll(() => badge.textContent(), { timeout: 5000 }).toBe('0');

    // Typing is reported every three seconds.
    await writer.pressSequentially('Or the ladder', { delay: 300 });
    await sam.getByRole('status').getByText('Nora Novak …').waitFor();
    await nora.reload();
    await nora.getByRole('button', { name: /^Sam Smith/ }).click();
    await expect.poll(() => writer.inputValue()).toBe('Or the ladder');

    const reply = sam.getByRole('textbox', { name: 'Message' });
    await reply.fill('Sure');
    await reply.press('Enter');
    await nora.getByRole('list', { name: 'Messages' }).getByText('Sure').waitFor();
    expect(await reply.inputValue()).toBe('');

    if (process.env['SCREENSHOTS']) await nora.screenshot({ path: `${process.env['SCREENSHOTS']}/host.png` });
    await nora.getByRole('button', { name: 'Sign out' }).click();
    await nora.getByText('Who are you?').waitFor();
    expect(errors).toEqual([]);
  });
});
