import { existsSync } from 'node:fs';
import { type Browser, type Locator, type Page, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEVELOPMENT_PLATFORM_KEY } from '#config';
import { seedDemo } from '../../apps/api/demo/seed.js';
import { useApi } from '../support/api.js';
import { canRunWith } from '../support/requirements.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const api = useApi({ platformApiKey: DEVELOPMENT_PLATFORM_KEY });

/** One of each kind: query, path, body, header with a reason, deletion. examples.test.ts sends those of every operation. */
const EXAMPLES = [
  'People-listMembers',
  'Messages-sendMessage',
  'Threads-getThread',
  'Notifications-createNotificationRequest',
  'Preferences-updatePreferences',
  'Webhooks-createWebhook',
  'Messages-deleteMessage',
];

/** The operation with the most responses and the longest examples, and its height in pixels at most. */
const [TALLEST, MAX_HEIGHT] = ['Threads-createThread', 3200];

let browser: Browser | undefined;
let page: Page;
let errors: string[];

/** Needs a browser, which npm does not bring: apt-get install chromium. */
describe.runIf(canRunWith(existsSync(CHROMIUM)))('Swagger UI', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    await seedDemo(api.app);
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-background-networking'],
    });
  });

  afterEach(() => page.context().close());
  afterAll(() => browser?.close());

  /** A page of a new browser profile, which nobody has signed in to. */
  async function open(viewport = { width: 1280, height: 900 }): Promise<void> {
    page = await (await browser!.newContext({ viewport })).newPage();
    page.setDefaultTimeout(60_000);
    errors = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (line) => {
      // The browser reports each response with an error status, which is what some examples are about.
      const isResponse = line.text().startsWith('Failed to load resource') && isOfApi(line.location().url);
      if (['error', 'warning'].includes(line.type()) && !isResponse) errors.push(line.text());
    });
    const { port } = api.app.getHttpServer().address() as { port: number };
    await page.goto(`http://127.0.0.1:${port}/docs`);
    await page.waitForSelector('.opblock');
  }

  const isOfApi = (url: string): boolean => new URL(url).pathname.startsWith('/api/');

  async function signInAs(name: string): Promise<void> {
    await page.selectOption('#caller:enabled', { label: name });
    await page.waitForSelector('#caller:enabled');
    expect(await statusOfSignIn()).toBe(name === 'Nobody' ? 'Signed out' : 'Signed in');
  }

  const statusOfSignIn = () => page.locator('#sign-in-status').textContent();

  /** Presses "Execute", again where Swagger UI had not filled in the examples yet and sent nothing. */
  async function execute(block: Locator): Promise<void> {
    const sent = page.waitForRequest((request) => request.method() !== 'OPTIONS', { timeout: 10_000 });
    await block.locator('.execute').dispatchEvent('click');
    await sent.catch(() => execute(block));
  }

  async function openOperation(id: string): Promise<Locator> {
    const block = page.locator(`#operations-${id}`);
    await block.locator('.opblock-summary-control').dispatchEvent('click');
    await block.locator('.responses-table tr.response').first().waitFor({ state: 'attached' });
    return block;
  }

  /** Opens the operation, presses "Execute" with the examples as they stand, and reads the status. */
  async function tryOut(id: string): Promise<string> {
    const block = await openOperation(id);
    await execute(block);
    const status = await block
      .locator('.live-responses-table tbody .response-col_status')
      .first()
      .textContent();
    // So that the next one is not mistaken for this one.
    await block.locator('.btn-clear').dispatchEvent('click');
    // Closed again: a page with every operation open takes the browser a second a click.
    await block.locator('.opblock-summary-control').dispatchEvent('click');
    return status!.trim();
  }

  it('signs in, keeps the caller after a reload and signs out, without a console error', async () => {
    await open();
    const me = 'People-getMe';
    expect(await tryOut(me)).toBe('401');
    await signInAs('Ada Admin (admin)');
    expect(await tryOut(me)).toBe('200');
    await signInAs('The platform key');
    expect(await tryOut('Platform-getOrganization')).toBe('200');
    await page.reload();
    await page.waitForSelector('#sign-in-status:has-text("Signed in")');
    expect(await page.locator('#caller').inputValue()).toBe('#platform');
    expect(await tryOut('Platform-getOrganization')).toBe('200');
    await signInAs('Nobody');
    expect(await tryOut(me)).toBe('401');
    await page.reload();
    await page.waitForSelector('#caller:enabled');
    expect(await page.locator('#caller').inputValue()).toBe('');
    expect(errors).toEqual([]);
  });

  it('fits a narrow screen, and shows the headers of services only when asked to', async () => {
    await open({ width: 400, height: 800 });
    const me = page.locator('#operations-People-getMe');
    await me.locator('.opblock-summary-control').dispatchEvent('click');
    await me.locator('.responses-table').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    const header = me.locator('tr[data-param-name="X-On-Behalf-Of"]');
    await header.waitFor({ state: 'attached' });
    expect(await header.isVisible()).toBe(false);
    await page.check('#service-headers');
    expect(await header.isVisible()).toBe(true);
    expect(errors).toEqual([]);
  });

  it('shows an operation in few screens, and sends the examples of every kind of operation', async () => {
    await open();
    const ids = await page.locator('.opblock').evaluateAll((blocks) => blocks.map(({ id }) => id));
    expect(ids.length).toBe(
      Object.values(api.document.paths).flatMap((methods) => Object.keys(methods)).length,
    );
    const { height } = (await (await openOperation(TALLEST)).boundingBox())!;
    expect(height).toBeLessThan(MAX_HEIGHT);
    await signInAs('Ada Admin (admin)');
    const statuses: Record<string, string> = {};
    for (const id of EXAMPLES) statuses[id] = await tryOut(id);
    expect(statuses).toEqual(
      Object.fromEntries(EXAMPLES.map((id) => [id, expect.stringMatching(/^20[0-24]$/)])),
    );
    expect(errors).toEqual([]);
  });
});
