import { describe, expect, it, onTestFinished } from 'vitest';
import { type Tab, hasBrowser, serveSite, useBrowser } from './browser.js';
import { useProcesses } from '../start/processes.js';
import { print, scaled } from '../faults/figures.js';
import { SETTINGS, buildTown } from '../faults/town.js';
import type { TestDatabase } from '../support/database.js';
import { OtherPeople } from './other-people.js';
import { differences, fetched } from './sight.js';
import { TabsOfAPerson } from './tabs-of-a-person.js';

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
  edit: 3,
  hide: 3,
  block: 1,
  unblock: 2,
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

describe.runIf(hasBrowser)('what tabs show', () => {
  const browser = useBrowser(site);

  it(
    `equals a fresh fetch, badges too, at every quiet moment of ${ACTIONS} actions in ${TABS} tabs and on two devices`,
    async () => {
      const database = await processes.database();
      const settings = { ...SETTINGS, DATABASE_URL: database.url, CORS_ORIGINS: site.origin };
      const serve = (port = 0) => processes.serve({ ...settings, PORT: String(port) });
      let server = await serve();
      const { port } = server;
      const town = await buildTown(server);
      const page = new TabsOfAPerson(browser, town, `http://127.0.0.1:${port}`, TABS);
      onTestFinished(() => page.close());
      await page.open();

      const { headers } = town.people[0]!;
      const threads = [town.groupId];
      const others = new OtherPeople(town, () => server);
      const perform: Record<Action, () => unknown> = {
        write: () => others.write(),
        erase: () => others.erase(),
        read: () => page.act(([thread]) => window.tidings.actions.markRead(thread!)),
        reply: () =>
          page.act(([thread]) =>
            window.tidings.actions.send(thread!, { content: `reply ${Date.now()} ${Math.random()}` }),
          ),
        edit: () =>
          page.act(([thread]) => {
            const { rows } = window.tidings.store.messages(thread!).getSnapshot();
            const own = rows.findLast((row) => row.client_token && row.content?.startsWith('reply'));
            return own && window.tidings.actions.edit(own, `edited ${own.content}`);
          }),
        hide: () =>
          page.act(([thread]) => {
            const { rows } = window.tidings.store.messages(thread!).getSnapshot();
            const row = rows[Math.floor(Math.random() * rows.length)];
            return row && window.tidings.actions.delete(row, Math.random() < 0.5 ? 'me' : 'everyone');
          }),
        block: () => page.act(([, person]) => window.tidings.blocks.block(person!)),
        unblock: () => page.act(([, person]) => window.tidings.blocks.unblock(person!)),
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
        const action = CHOICES[Math.floor(Math.random() * CHOICES.length)]!;
        done[action] = (done[action] ?? 0) + 1;
        await perform[action]();
        if (count % BETWEEN_QUIET_MOMENTS > 0) continue;
        // What a tab has asked of a server that was killed, it repeats with pauses: the moment is quiet after that.
        const client = { get: (path: string) => server.send('GET', `/api/v1/${path}`, headers) };
        const differing = async () => {
          const now = await fetched(client, threads);
          const shown = await Promise.all(page.tabs.map((tab) => shownBy(tab, threads)));
          return shown.flatMap((one) => differences(one, now));
        };
        await expect.poll(differing, SETTLED).toEqual([]);
      }
      print('actions', done);
      await expectEachOnce(database);
      expect(page.tabs.flatMap(({ errors }) => errors)).toEqual([]);
    },
    MAX_MILLISECONDS,
  );
});

/** What a tab shows. */
const shownBy = (tab: Tab, threads: string[]) =>
  tab.page.evaluate((ids) => {
    const { store } = window.tidings;
    return {
      threads: store.threads.getSnapshot().rows,
      archived: store.archivedThreads.getSnapshot().rows,
      counts: store.counts.getSnapshot(),
      feed: store.feed.getSnapshot().rows,
      messages: ids.map((id) => store.messages(id).getSnapshot().rows),
      marks: ids.map((id) => store.marks(id).getSnapshot()),
    };
  }, threads);

/** What was edited counts too, by its first text. */
async function expectEachOnce(database: TestDatabase): Promise<void> {
  const rows = await database.query<{ content: string }>(
    `SELECT coalesce((SELECT content FROM message_versions WHERE message_id = messages.id ORDER BY version LIMIT 1), content) AS content
     FROM messages WHERE client_token IS NOT NULL AND deleted_at IS NULL ORDER BY thread_id, seq`,
  );
  const replies = rows.map(({ content }) => content).filter((content) => content.startsWith('reply'));
  expect(replies.length).toBeGreaterThan(0);
  expect(new Set(replies).size).toBe(replies.length);
}
