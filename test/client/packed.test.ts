import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sectionsOf } from '../docs/markdown.js';
import { portOf, tokenOf } from '../realtime/client.js';
import { PLATFORM_KEY, type TestApi, startTestApi } from '../support/api.js';
import { type Person, person, send } from '../support/people.js';
import { canRunWith } from '../support/requirements.js';
import { freePort } from '../support/free-port.js';
import { Pages } from './pages.js';
import { isOffline, manifestOf, run, usePackedClient } from './packed.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

const packed = usePackedClient();

let api: TestApi;
let pages: Pages;

const urlOfApi = () => `http://127.0.0.1:${portOf(api)}`;

beforeAll(async () => {
  pages = await new Pages().start();
  api = await startTestApi({ corsOrigins: [pages.origin], webhookAllowPrivate: true });
});

afterAll(async () => {
  await api?.stop();
  pages?.stop();
});

/** Two people with a thread, whose first message is Hello. */
async function conversation(): Promise<{ ada: Person; theo: Person; thread: string }> {
  const organization = await api.build.organization();
  const ada = await person(api, organization, { username: 'ada' });
  const theo = await person(api, organization, { username: 'theo' });
  return { ada, theo, thread: (await send(ada, theo, 'Hello')).thread_id };
}

describe('the package', () => {
  it('has every file that its manifest names, a README and a license, and no test', async () => {
    const manifest = JSON.parse(await readFile('packages/client/package.json', 'utf8'));
    const named = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : Object.values(value as object).flatMap(named);
    const paths = named(manifest.exports).map((path) => path.replace('./', ''));
    expect(paths.length).toBeGreaterThan(6);
    const { files } = packed.tarball;
    expect([...paths, 'README.md', 'LICENSE'].filter((path) => !files.includes(path))).toEqual([]);
    const rest = files.filter((path) => !/^(dist|src)\/|^(package\.json|README\.md|LICENSE)$/.test(path));
    expect(rest).toEqual([]);
    expect(manifest).not.toHaveProperty('dependencies');
    expect(await readFile('packages/client/LICENSE', 'utf8')).toBe(await readFile('LICENSE', 'utf8'));
  });

  it('has what is built of its sources, and nothing of sources that are gone', () => {
    const names = (folder: string, ending: RegExp) =>
      packed.tarball.files
        .filter((path) => path.startsWith(folder) && ending.test(path))
        .map((path) => path.slice(folder.length).replace(ending, ''))
        .toSorted();
    expect(names('dist/', /\.js$/)).toEqual(names('src/', /\.ts$/));
    expect(names('dist/', /\.d\.ts$/)).toEqual(names('src/', /\.ts$/));
  });
});

describe('a program for Node', () => {
  it('sends, and receives live, with both entries of the package', async () => {
    const { ada, theo, thread } = await conversation();
    const { secret } = await api.build.key(ada.organization, ['act_as']);
    const folder = await packed.install('node');
    const { stdout } = await run(process.execPath, ['main.js'], {
      cwd: folder,
      timeout: 60_000,
      env: {
        TIDINGS_URL: urlOfApi(),
        ADA_TOKEN: await tokenOf(api, ada),
        THEO_TOKEN: await tokenOf(api, theo),
        API_KEY: secret,
        THREAD: thread,
      },
    });
    expect(JSON.parse(stdout)).toEqual({
      followed: 'live',
      messages: ['Hello', 'From Ada', 'From the back end'],
      refused: 'missing_header',
    });
  });

  it('can be the recipe of the guide, which receives the webhook of its notification', async () => {
    const guide = sectionsOf('docs/client.md', await readFile('docs/client.md', 'utf8'));
    const { text } = guide.find(({ heading }) => heading === 'From your back end')!;
    const blocks = [...text.matchAll(/^ *```js\n([^]*?)^ *```$/gm)].map(([, code]) => code!);
    const ids = `const [organizationId, nora, sam] = ${JSON.stringify([uuid(), { id: uuid() }, { id: uuid() }])};\n`;
    const recipe = ids + blocks.join('').replace('http://localhost:3000', urlOfApi());
    const folder = await packed.install('node');
    const program = recipe.replaceAll('4000', String(await freePort())).concat(`console.log('sent');`);
    await writeFile(join(folder, 'recipe.js'), program);
    const env = { PLATFORM_API_KEY: PLATFORM_KEY };
    const done = run(process.execPath, ['recipe.js'], { cwd: folder, timeout: 60_000, env });
    const expected = ['sent\n', /notification.created \{[^]*title: 'Your invoice is there'[^]*\}\n/];
    let output = '';
    done.child.stdout!.on('data', (chunk: string) => {
      output += chunk;
      if (expected.every((part) => output.search(part) >= 0)) done.child.kill();
    });
    expect(await done.catch((error) => error)).toMatchObject({ signal: 'SIGTERM', stderr: '', killed: true });
    for (const part of expected) expect(output).toMatch(part);
  });

  it.each(['bundler', 'nodenext'])('compiles with the types of the package (%s)', async (resolution) => {
    const folder = await packed.install('typescript');
    const options = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
      module: resolution === 'bundler' ? 'esnext' : 'nodenext',
      moduleResolution: resolution,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options }));
    const compiler = join(process.cwd(), 'node_modules/typescript-7/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler, '-p', folder]).catch((error) => error);
    expect(stdout).toBe('');
  });
});

describe.runIf(canRunWith(existsSync(CHROMIUM)))('a page that Vite builds', () => {
  let browser: Browser | undefined;
  let errors: string[];
  afterAll(() => browser?.close());

  /** Installs and builds. Vite comes from the npm registry, or from npm's cache. */
  async function build(): Promise<void> {
    const { version } = await manifestOf('vite');
    const folder = await packed.install('vite', { vite: version });
    const env = { ...process.env, NODE_ENV: 'production' };
    await run(process.execPath, ['node_modules/vite/bin/vite.js', 'build'], { cwd: folder, env });
    pages.folder = join(folder, 'dist');
  }

  async function open(who: Person, thread: string): Promise<Page> {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-background-networking'],
    });
    const page = await browser.newPage();
    errors = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (line) => line.type() === 'error' && errors.push(line.text()));
    const settings = new URLSearchParams({ url: urlOfApi(), token: await tokenOf(api, who), thread });
    await page.goto(`${pages.origin}/#${settings.toString()}`);
    return page;
  }

  it('sends, and shows what it receives live, from another origin', async (context) => {
    await build().catch((error: unknown) => {
      context.skip(isOffline(error) && !canRunWith(false), 'The npm registry cannot be reached.');
      throw error;
    });
    const { ada, theo, thread } = await conversation();
    const page = await open(theo, thread);
    await page.waitForSelector('#connection:text("live")');
    await send(ada, theo, 'From Node');
    await page.waitForSelector('#messages li:last-child:text("From Node")');
    await page.fill('input', 'From the browser');
    await page.press('input', 'Enter');
    await page.waitForSelector('#messages li:last-child:text("From the browser")');
    const { body } = await ada.client.get('messages/conversation/theo');
    expect(body.messages.at(-1)).toMatchObject({ content: 'From the browser', sender: 'theo' });
    expect(errors).toEqual([]);
  });
});
