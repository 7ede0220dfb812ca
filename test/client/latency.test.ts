import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { print, quantile, scaled } from '../faults/figures.js';
import { Senders } from '../faults/senders.js';
import { SETTINGS, type Townsman, buildTown } from '../faults/town.js';
import { useProcesses } from '../start/processes.js';
import { type Tab, hasBrowser, serveSite, useBrowser } from './browser.js';

const site = await serveSite('test/client/chat-page.tsx');
const processes = useProcesses();

const MESSAGES = scaled(40, 400);
const RATE = 100;
const PAUSE_MILLISECONDS = 100;
/** In the check, others use the processors. In full, the browsers and the load do: docs/performance.md has the parts. */
const MAX_P50 = scaled(250, 60);
const MAX_P99 = scaled(2000, 120);
/** As small as a chat in a corner of a page. */
const VIEWPORT = { width: 320, height: 480 };

describe.runIf(hasBrowser)('two people who write to each other', () => {
  const browser = useBrowser(site);

  it(`see each other's messages at once, beside ${RATE} sends a second`, async () => {
    const database = await processes.database();
    const server = await processes.serve({
      ...SETTINGS,
      DATABASE_URL: database.url,
      CORS_ORIGINS: site.origin,
    });
    const [crowd, { people }] = [await buildTown(server), await buildTown(server)];
    const [ann, bob] = people as [Townsman, Townsman];
    const { body } = await server.send('POST', '/api/v1/messages/send', ann.headers, {
      recipient: bob.id,
      content: 'hello',
    });
    const thread = body.thread_id as string;

    const open = async ({ headers }: Townsman): Promise<Tab> => {
      const tab = await browser.openTab(await browser.profile(VIEWPORT));
      const token = headers['Authorization']!.replace('Bearer ', '');
      const given = { url: `http://127.0.0.1:${server.port}`, token, thread };
      await tab.page.evaluate((one) => window.show(one), given);
      await tab.page.getByText('hello').waitFor();
      await expect.poll(tab.connection).toBe('live');
      return tab;
    };
    const [one, other] = [await open(ann), await open(bob)];
    const senders = new Senders(crowd, () => server);
    senders.start(RATE);
    await delay(2000);
    const input = one.page.getByRole('textbox');
    for (let nth = 0; nth < MESSAGES; nth++) {
      await input.fill(`message ${nth}`);
      await input.press('Enter');
      await delay(PAUSE_MILLISECONDS);
    }
    await other.page.getByText(`message ${MESSAGES - 1}`, { exact: true }).waitFor();
    await senders.stop();

    const happened = async ({ page }: Tab, what: string) =>
      new Map(
        (await page.evaluate(() => window.happened))
          .filter((event) => event.what === what)
          .map(({ text, at }) => [text, at]),
      );
    const [entered, shown] = [await happened(one, 'enter'), await happened(other, 'shown')];
    const times = [...entered].map(([text, at]) => shown.get(text)! - at);
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
    print('Enter to the other screen', {
      messages: times.length,
      sends: senders.attempts.length,
      p50: `${p50.toFixed(1)} ms`,
      p99: `${p99.toFixed(1)} ms`,
    });
    expect(times.length).toBe(MESSAGES);
    expect(p50).toBeLessThanOrEqual(MAX_P50);
    expect(p99).toBeLessThanOrEqual(MAX_P99);
    expect([...one.errors, ...other.errors]).toEqual([]);
  }, 180_000);
});
