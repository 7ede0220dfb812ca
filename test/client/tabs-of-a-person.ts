import type { BrowserContext } from 'playwright-core';
import type { Town } from '../faults/town.js';
import type { Tab, useBrowser } from './browser.js';

/** The tabs of the first person of the town, in two browsers. */
export class TabsOfAPerson {
  tabs: Tab[] = [];
  private contexts: BrowserContext[] = [];

  constructor(
    private readonly browser: ReturnType<typeof useBrowser>,
    private readonly town: Town,
    private readonly url: string,
    /** On the first device. The second one has one. */
    private readonly count: number,
  ) {}

  async open(): Promise<void> {
    this.contexts = [await this.browser.profile(), await this.browser.profile()];
    for (const at of [...Array<number>(this.count).fill(0), 1])
      this.tabs.push(await this.openTab(this.contexts[at]!));
  }

  async close(): Promise<void> {
    await Promise.all(this.contexts.map((context) => context.close()));
  }

  /** In any tab. Some are refused, and some meet a server that is gone: then they are taken back. */
  async act(action: (given: string[]) => unknown): Promise<void> {
    await any(this.tabs).page.evaluate(
      `void Promise.resolve((${String(action)})(${JSON.stringify([
        this.town.groupId,
      ])})).catch(() => undefined)`,
    );
  }

  async reload(): Promise<void> {
    const tab = any(this.tabs);
    await tab.load();
    await this.start(tab);
  }

  /** Kills the process of a page. */
  async replace(): Promise<void> {
    const at = Math.floor(Math.random() * this.tabs.length);
    const { page } = this.tabs[at]!;
    const context = page.context();
    await page.goto('chrome://crash').catch(() => undefined);
    await page.close();
    this.tabs[at] = await this.openTab(context);
  }

  private async openTab(context: BrowserContext): Promise<Tab> {
    const tab = await this.browser.openTab(context);
    await this.start(tab);
    return tab;
  }

  private async start(tab: Tab): Promise<void> {
    const [, token] = this.town.people[0]!.headers['Authorization']!.split(' ');
    await tab.start(this.url, token!, this.town.groupId);
    await tab.page.evaluate(() => {
      const { feed, archivedThreads } = window.tidings.store;
      for (const slice of [feed, archivedThreads]) slice.subscribe(() => undefined);
    });
  }
}

const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
