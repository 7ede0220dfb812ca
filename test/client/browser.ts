import { existsSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { build } from 'rolldown';
import { afterAll, beforeAll } from 'vitest';
import type { createTidings } from '@tidings/client';
import { canRunWith } from '../support/requirements.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const LAUNCH = {
  executablePath: CHROMIUM,
  // Nobody looks at most pages: drawing them would take a processor's time.
  args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
};

/** Needs a browser, which npm does not bring: apt-get install chromium. */
export const hasBrowser = canRunWith(existsSync(CHROMIUM));

declare global {
  interface Window {
    createTidings: typeof createTidings;
    tidings: ReturnType<typeof createTidings>;
  }
}

/** A site with one script: without a file it has the client, and shows nothing. The API must admit its origin. */
export async function serveSite(entry?: string): Promise<{ origin: string; server: Server }> {
  const source = entry
    ? `import '${join(process.cwd(), entry)}';`
    : `import { createTidings } from '@tidings/client'; window.createTidings = createTidings;`;
  const { output } = await build({
    input: 'entry.js',
    resolve: { conditionNames: ['source', 'browser', 'import'] },
    platform: 'browser',
    logLevel: 'silent',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    write: false,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry.js' ? id : null),
        load: (id) => (id === 'entry.js' ? `${source} window.isLoaded = true;` : null),
      },
    ],
  });
  const scripts = new Map(output.map((file) => [`/${file.fileName}`, 'code' in file ? file.code : '']));
  const server = createServer(({ url }, response) => {
    const script = scripts.get(url ?? '');
    if (script === undefined)
      response.setHeader('Content-Type', 'text/html').end('<script type="module" src="/entry.js"></script>');
    else response.setHeader('Content-Type', 'text/javascript').end(script);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** One browser for a file of tests. */
export function useBrowser(site: { origin: string; server: Server }) {
  const used = {} as { browser: Browser };
  beforeAll(async () => {
    used.browser = await chromium.launch(LAUNCH);
  });
  afterAll(async () => {
    await used.browser.close();
    site.server.close();
  });
  return {
    /** A person's own browser: its tabs share what is kept. */
    profile: (viewport = { width: 1280, height: 720 }) => used.browser.newContext({ viewport }),
    openTab: (context: BrowserContext) => openTab(context, site.origin),
  };
}

/** A page that has the client, and the sockets that it holds. */
export async function openTab(context: BrowserContext, origin: string): Promise<Tab> {
  const page = await context.newPage();
  const tab = new Tab(page, origin);
  await tab.load();
  return tab;
}

export class Tab {
  sockets = 0;
  readonly errors: string[] = [];

  constructor(
    readonly page: Page,
    private readonly origin: string,
  ) {
    page.on('websocket', (socket) => {
      this.sockets++;
      socket.on('close', () => this.sockets--);
    });
    page.on('pageerror', ({ message }) => this.errors.push(message));
  }

  async load(): Promise<void> {
    this.sockets = 0;
    await this.page.goto(this.origin);
    await this.page.waitForFunction(() => 'isLoaded' in window);
  }

  /** Creates the client, as the script of a page does, and shows a thread. */
  async start(url: string, token: string, thread: string, persist?: 'all'): Promise<void> {
    await this.page.evaluate(
      (given) => {
        const { url: server, token: known, persist: what } = given;
        window.tidings = window.createTidings({ url: server, getToken: () => known, persist: what });
        const { store } = window.tidings;
        for (const slice of [store.threads, store.counts, store.connection, store.messages(given.thread)])
          slice.subscribe(() => undefined);
      },
      { url, token, thread, persist },
    );
  }

  messages = (thread: string): Promise<(string | null)[]> =>
    this.page.evaluate(
      (id) =>
        window.tidings.store
          .messages(id)
          .getSnapshot()
          .rows.map(({ content }) => content),
      thread,
    );

  unsent = (thread: string): Promise<number> =>
    this.page.evaluate((id) => window.tidings.store.messages(id).getSnapshot().unsent.length, thread);

  connection = (): Promise<string> => this.page.evaluate(() => window.tidings.store.connection.getSnapshot());

  /** What the browser keeps for later. */
  kept = (): Promise<string[]> =>
    this.page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const request = indexedDB.open('tidings');
          request.onsuccess = () => {
            const all = request.result.transaction('tidings').objectStore('tidings').getAll();
            all.onsuccess = () => {
              request.result.close();
              resolve(all.result as string[]);
            };
          };
        }),
    );
}
