import type { BrowserContext, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { portOf, tokenOf } from '../realtime/client.js';
import { useApi } from '../support/api.js';
import { person, send, startGroup } from '../support/people.js';
import { type Tab, hasBrowser, serveSite, useBrowser } from './browser.js';

const site = await serveSite();
const api = useApi({ corsOrigins: [site.origin], rateLimit: 100_000 });

const MESSAGES = 500;
const TABS = 3;
const AT_ONCE = 20;

/** What a network does to requests. */
type Network = 'gone' | 'bad' | 'good';

describe.runIf(hasBrowser)('messages that are submitted while the server cannot be reached', () => {
  const browser = useBrowser(site);

  it(`arrive once and in order, whatever happens to the tabs: ${MESSAGES} of ${TABS} tabs`, async () => {
    const organization = await api.build.organization();
    const [ann, bob] = [await person(api, organization), await person(api, organization)];
    const threads = [(await send(bob, ann, 'hello')).thread_id, await startGroup(bob, [ann])];
    const url = `http://127.0.0.1:${portOf(api)}`;
    const token = await tokenOf(api, ann);
    const context = await browser.profile();
    const network = await useNetwork(context, url);
    network.state = 'gone';

    const start = (tab: Tab) => tab.start(url, token, threads[0]!);
    const openTab = async (): Promise<Tab> => {
      const tab = await browser.openTab(context);
      await start(tab);
      return tab;
    };
    const tabs = await Promise.all(Array.from({ length: TABS }, openTab));
    const submitted = new Map<string, string[]>();
    for (let count = 0; count < MESSAGES; count += AT_ONCE) {
      const nth = Math.floor(Math.random() * TABS);
      const thread = threads[count % 2]!;
      const contents = Array.from({ length: AT_ONCE }, (_, at) => `${nth} writes ${count + at}`);
      await submit(tabs[nth]!, thread, contents);
      const key = `${thread} ${nth}`;
      submitted.set(key, [...(submitted.get(key) ?? []), ...contents]);
      // In the second half some requests arrive, and some of their responses.
      if (count > MESSAGES / 2) network.state = 'bad';
      if (count % 60 === 0) await reload(tabs[nth]!, start);
      if (count % 80 === 0) tabs[nth] = await replace(tabs[nth]!, openTab);
    }
    network.state = 'good';
    await expect.poll(() => stored(threads), { timeout: 60_000, interval: 500 }).toHaveLength(MESSAGES);
    const rows = await stored(threads);
    for (const [key, contents] of submitted) {
      const [thread, nth] = key.split(' ');
      const own = rows.filter((row) => row.thread_id === thread && row.content.startsWith(`${nth} `));
      expect(own.map(({ content }) => content)).toEqual(contents);
    }
    for (const tab of tabs) {
      await expect.poll(() => tab.unsent(threads[0]!)).toBe(0);
      expect(tab.errors).toEqual([]);
    }
    await context.close();
  }, 180_000);
});

const stored = (threads: string[]) =>
  api.database.query<{ thread_id: string; content: string }>(
    `SELECT thread_id, content FROM messages WHERE thread_id = ANY ($1) AND content LIKE '%writes%' ORDER BY thread_id, seq`,
    [threads],
  );

/** Resolves once the messages are kept: whoever closes the page after that loses none. */
async function submit(tab: Tab, thread: string, contents: string[]): Promise<void> {
  await tab.page.evaluate(
    ([id, given]) => {
      for (const content of given as string[]) void window.tidings.actions.send(id as string, { content });
    },
    [thread, contents],
  );
  const isKept = async (content: string) =>
    (await tab.kept()).some((value) => value.includes(`"${content}"`));
  const isStored = async (content: string) => (await stored([thread])).some((row) => row.content === content);
  const last = contents.at(-1)!;
  await expect.poll(async () => (await isKept(last)) || (await isStored(last))).toBe(true);
}

async function reload(tab: Tab, start: (tab: Tab) => Promise<void>): Promise<void> {
  await tab.load();
  await start(tab);
}

/** Kills the process of a page, which gets no chance to finish anything. */
async function replace(tab: Tab, openTab: () => Promise<Tab>): Promise<Tab> {
  await tab.page.goto('chrome://crash').catch(() => undefined);
  await tab.page.close();
  return openTab();
}

async function useNetwork(context: BrowserContext, url: string): Promise<{ state: Network }> {
  const network: { state: Network } = { state: 'good' };
  await context.route(`${url}/**`, async (route: Route) => {
    const luck = network.state === 'good' ? 1 : Math.random();
    if (network.state === 'gone' || luck < 0.2) return route.abort();
    if (luck > 0.4 || route.request().method() === 'OPTIONS') return route.continue();
    // The server has it, and the client does not learn of it.
    await route.fetch().catch(() => undefined);
    return route.abort();
  });
  return network;
}
