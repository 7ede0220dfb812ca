import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContext } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portOf, tokenOf } from '../realtime/client.js';
import { useApi } from '../support/api.js';
import { type Person, person, send } from '../support/people.js';
import { type Tab, hasBrowser, serveSite, useBrowser } from './browser.js';

const site = await serveSite();
const api = useApi({ corsOrigins: [site.origin] });
/** A page of another client asks for a leader every 3 s, and takes over at the fifth time. */
const FROZEN_SECONDS = 16;

describe.runIf(hasBrowser)('the tabs of a person', () => {
  const browser = useBrowser(site);
  let ann: Person;
  let bob: Person;
  let thread: string;
  let context: BrowserContext;

  beforeEach(async () => {
    const organization = await api.build.organization();
    [ann, bob] = [await person(api, organization), await person(api, organization)];
    thread = (await send(bob, ann, 'first')).thread_id;
    context = await browser.profile();
  });
  afterEach(() => context.close());

  const url = () => `http://127.0.0.1:${portOf(api)}`;

  async function openTab(): Promise<Tab> {
    const tab = await browser.openTab(context);
    await tab.start(url(), await tokenOf(api, ann), thread);
    await expect.poll(tab.connection).toBe('live');
    return tab;
  }

  const openTabs = async (count: number): Promise<Tab[]> => {
    const tabs: Tab[] = [];
    for (let nth = 0; nth < count; nth++) tabs.push(await openTab());
    return tabs;
  };
  const sockets = (tabs: Tab[]) => tabs.reduce((sum, tab) => sum + tab.sockets, 0);

  async function expectEverywhere(tabs: Tab[], contents: string[]): Promise<void> {
    for (const tab of tabs) {
      await expect.poll(() => tab.messages(thread), { timeout: 5000 }).toEqual(contents);
      expect(tab.errors).toEqual([]);
    }
  }

  it('have one socket, and all show what it brings', async () => {
    const tabs = await openTabs(5);
    await send(bob, ann, 'second');
    await expectEverywhere(tabs, ['first', 'second']);
    expect(sockets(tabs)).toBe(1);
  });

  it('have one sender, and each learns of what becomes of its messages', async () => {
    const tabs = await openTabs(3);
    const contents = ['first'];
    for (const [nth, tab] of tabs.entries()) {
      const content = `from tab ${nth}`;
      contents.push(content);
      // Resolves once the server has the message.
      await tab.page.evaluate(
        ([id, given]) => window.tidings.actions.send(id!, { content: given! }).then(() => undefined),
        [thread, content],
      );
    }
    await expectEverywhere(tabs, contents);
    for (const tab of tabs) expect(await tab.unsent(thread)).toBe(0);
  });

  it('go on without a gap when the one with the socket is closed', async () => {
    const tabs = await openTabs(3);
    const leader = tabs.find(({ sockets: count }) => count > 0)!;
    const others = tabs.filter((tab) => tab !== leader);
    const contents = ['first'];
    const sent = Array.from({ length: 20 }, async (_, nth) => {
      await delay(nth * 20);
      const content = `text ${nth}`;
      await send(bob, ann, content);
      contents.push(content);
    });
    await delay(100);
    await leader.page.close();
    const closed = performance.now();
    await expect.poll(() => sockets(others), { interval: 10 }).toBe(1);
    expect(performance.now() - closed).toBeLessThan(1000);
    await Promise.all(sent);
    await expectEverywhere(others, contents);
  });

  it(`replace one that the browser has frozen within ${FROZEN_SECONDS} s, and it catches up when it goes on`, async () => {
    const [leader, other] = (await openTabs(2)) as [Tab, Tab];
    const session = await context.newCDPSession(leader.page);
    // Browsers freeze only pages that nobody sees, and headless Chromium shows all. A debugger that pauses a page does
    // the same: it keeps its lock and its socket, and nothing runs.
    await session.send('Debugger.enable');
    await session.send('Debugger.pause');
    const frozen = performance.now();
    await expect.poll(() => other.sockets, { timeout: 1000 * FROZEN_SECONDS, interval: 50 }).toBe(1);
    expect(performance.now() - frozen).toBeGreaterThan(5000);
    await send(bob, ann, 'second');
    await expectEverywhere([other], ['first', 'second']);
    await session.send('Debugger.resume');
    await expectEverywhere([leader, other], ['first', 'second']);
    await send(bob, ann, 'third');
    await expectEverywhere([leader, other], ['first', 'second', 'third']);
    await expect.poll(() => sockets([leader, other])).toBe(1);
  });

  it('forget what is kept when the person signs out in one of them', async () => {
    const [one, other] = (await openTabs(2)) as [Tab, Tab];
    const type = (text: string) =>
      one.page.evaluate(([id, given]) => window.tidings.actions.saveDraft(id!, given!), [thread, text]);
    const draft = (tab: Tab) =>
      tab.page.evaluate((id) => window.tidings.store.draft(id).getSnapshot(), thread);
    await type('Dear Bob');
    await expect.poll(() => draft(other)).toBe('Dear Bob');
    const later = await openTab();
    expect(await draft(later)).toBe('Dear Bob');
    await one.page.evaluate(() => window.tidings.signOut());
    await expect.poll(() => sockets([one, other, later])).toBe(0);
    await other.load();
    await other.start(url(), await tokenOf(api, ann), thread);
    await expect.poll(other.connection).toBe('live');
    expect(await draft(other)).toBe('');
  });

  it('send what a killed page has kept and not passed on, once another page comes or leads', async () => {
    const [leader, other] = (await openTabs(2)) as [Tab, Tab];
    const keep = (content: string) =>
      leader.page.evaluate(
        ([prefix, id, given]) => {
          const request = indexedDB.open('tidings');
          const message = { thread_id: id, client_token: given, content: given, status: 'waiting' };
          const value = JSON.stringify({ ...message, submitted_at: new Date().toISOString() });
          request.onsuccess = () =>
            request.result
              .transaction('tidings', 'readwrite')
              .objectStore('tidings')
              .put(value, `${prefix}/unsent/${given}`);
        },
        [`tidings ${url()} ${ann.organization.id} ${ann.id}`, thread, content] as const,
      );
    await keep('left before another page comes');
    const contents = ['first', 'left before another page comes'];
    const third = await openTab();
    await expectEverywhere([leader, other, third], contents);
    await keep('left before the leader is closed');
    await leader.page.close();
    await expectEverywhere([other, third], [...contents, 'left before the leader is closed']);
  });

  it('show what the last page showed, also while the server cannot be reached', async () => {
    const tab = await browser.openTab(context);
    const start = async () => tab.start(url(), await tokenOf(api, ann), thread, 'all');
    await start();
    await expectEverywhere([tab], ['first']);
    await expect.poll(async () => (await tab.kept()).join()).toContain('"first"');
    await context.route(`${url()}/**`, (route) => route.abort());
    await tab.load();
    await start();
    await expectEverywhere([tab], ['first']);
    const rows = () => tab.page.evaluate(() => window.tidings.store.threads.getSnapshot().rows.length);
    await expect.poll(rows).toBe(1);
    await send(bob, ann, 'second');
    await context.unroute(`${url()}/**`);
    await expectEverywhere([tab], ['first', 'second']);
  });
});
