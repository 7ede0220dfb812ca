import { isDeepStrictEqual } from 'node:util';
import type { BrowserContext } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Tab, hasBrowser, serveSite, useBrowser } from './browser.js';
import { useProcesses } from '../start/processes.js';
import type { Server } from '../support/process.js';
import { print, scaled } from '../faults/figures.js';
import { SETTINGS, type Town, type Townsman, buildTown } from '../faults/town.js';

const site = await serveSite();
const processes = useProcesses();

const ACTIONS = scaled(400, 10_000);
const BETWEEN_QUIET_MOMENTS = scaled(50, 100);
const SETTLED = { timeout: 90_000, interval: 200 };
const TABS = 3;
const MAX_MILLISECONDS = scaled(600_000, 3_600_000);

/** What the others do, what the person does in any tab, what happens to the tabs, and to the server. */
const WEIGHTS = {
  write: 40,
  erase: 6,
  read: 14,
  reply: 8,
  archive: 6,
  seen: 8,
  allSeen: 2,
  reload: 2,
  kill: 1,
  crash: 1,
};
type Action = keyof typeof WEIGHTS;
const CHOICES = Object.entries(WEIGHTS).flatMap(([action, weight]) =>
  Array<Action>(weight).fill(action as Action),
);

const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

describe.runIf(hasBrowser)('badges', () => {
  const browser = useBrowser(site);

  it(
    `equal the server at every quiet moment of ${ACTIONS} actions in ${TABS} tabs and on two devices`,
    async () => {
      const database = await processes.database();
      const settings = { ...SETTINGS, DATABASE_URL: database.url, CORS_ORIGINS: site.origin };
      const serve = (port = 0) => processes.serve({ ...settings, PORT: String(port) });
      let server = await serve();
      const { port } = server;
      const town = await buildTown(server);
      const page = new Pages(browser, town, `http://127.0.0.1:${port}`);
      onTestFinished(() => page.close());
      await page.open();

      const others = new Others(town, () => server);
      const perform: Record<Action, () => unknown> = {
        write: () => others.write(),
        erase: () => others.erase(),
        read: () => page.act(([thread]) => window.tidings.actions.markRead(thread!)),
        reply: () => page.act(([thread]) => window.tidings.actions.send(thread!, { content: 'reply' })),
        archive: () => page.act(([thread]) => window.tidings.actions.archive(thread!, Math.random() < 0.5)),
        seen: () =>
          page.act(() => {
            const { rows } = window.tidings.store.feed.getSnapshot();
            const row = rows[Math.floor(Math.random() * rows.length)];
            const status = Math.random() < 0.3 ? 'unread' : 'read';
            return row && window.tidings.actions.updateNotification(row.id, status);
          }),
        allSeen: () => page.act(() => window.tidings.actions.markNotificationsRead()),
        reload: () => page.reload(),
        kill: () => page.replace(),
        crash: async () => {
          await server.kill('SIGKILL');
          server = await serve(port);
        },
      };
      const done: Partial<Record<Action, number>> = {};
      for (let count = 1; count <= ACTIONS; count++) {
        const action = any(CHOICES);
        done[action] = (done[action] ?? 0) + 1;
        await perform[action]();
        if (count % BETWEEN_QUIET_MOMENTS > 0) continue;
        // What a tab has asked of a server that was killed, it repeats with pauses: the moment is quiet after that.
        const differing = async () => {
          const now = await others.badgesOf(town.people[0]!);
          const shown = await Promise.all(page.tabs.map(badgesOf));
          return shown.filter((badges) => !isDeepStrictEqual(badges, now)).map((badges) => [badges, now]);
        };
        await expect.poll(differing, SETTLED).toEqual([]);
      }
      print('badges', done);
      expect(page.tabs.flatMap(({ errors }) => errors)).toEqual([]);
    },
    MAX_MILLISECONDS,
  );
});

interface Badges {
  messages: number;
  notifications: number;
  threads: Record<string, number>;
}

const badgesOf = (tab: Tab): Promise<Badges> =>
  tab.page.evaluate(() => {
    const { counts, threads, archivedThreads } = window.tidings.store;
    const rows = [...threads.getSnapshot().rows, ...archivedThreads.getSnapshot().rows];
    return {
      messages: counts.getSnapshot()?.messages ?? -1,
      notifications: counts.getSnapshot()?.notifications ?? -1,
      threads: Object.fromEntries(rows.map(({ id, unread_count: unread }) => [id, unread])),
    };
  });

/** The tabs of the first person of the town, in two browsers. */
class Pages {
  tabs: Tab[] = [];
  private contexts: BrowserContext[] = [];

  constructor(
    private readonly browser: ReturnType<typeof useBrowser>,
    private readonly town: Town,
    private readonly url: string,
  ) {}

  async open(): Promise<void> {
    this.contexts = [await this.browser.profile(), await this.browser.profile()];
    for (const at of [...Array<number>(TABS).fill(0), 1])
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

/** People who write to the first one, directly and in the group. */
class Others {
  private readonly sent: { id: string; sender: Townsman }[] = [];

  constructor(
    private readonly town: Town,
    private readonly server: () => Server,
  ) {}

  async write(): Promise<void> {
    const { people, group, groupId } = this.town;
    const sender = any(group.slice(1));
    const [path, body] =
      Math.random() < 0.5
        ? ['messages/send', { recipient: people[0]!.id, content: 'hello' }]
        : [`messages/threads/${groupId}/messages`, { content: 'hello, all' }];
    const { body: sent } = await this.send('POST', path, sender.headers, body);
    this.sent.push({ id: (sent.message_id ?? sent.id) as string, sender });
  }

  async erase(): Promise<void> {
    const message = this.sent.splice(Math.floor(Math.random() * this.sent.length), 1)[0];
    if (message) await this.send('DELETE', `messages/${message.id}?scope=everyone`, message.sender.headers);
  }

  async badgesOf({ headers }: Townsman): Promise<Badges> {
    const get = async (path: string) => (await this.send('GET', path, headers)).body;
    const [messages, notifications, active, archived] = await Promise.all([
      get('messages/unread-count'),
      get('notifications/unread-count'),
      get('messages/threads?limit=50&archived=false'),
      get('messages/threads?limit=50&archived=true'),
    ]);
    const rows = [...active.data, ...archived.data] as { id: string; unread_count: number }[];
    return {
      messages: messages.unread_count as number,
      notifications: notifications.unread_count as number,
      threads: Object.fromEntries(rows.map(({ id, unread_count: unread }) => [id, unread])),
    };
  }

  private send = (method: string, path: string, headers: Record<string, string>, body?: object) =>
    this.server().send(method, `/api/v1/${path}`, headers, body);
}
