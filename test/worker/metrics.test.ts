import { Client } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { useApi } from '../support/api.js';

const api = useApi();

/** More than the two seconds that a scrape waits for the database. */
const SCRAPED_WITHIN = 4000;

it('returns the other metrics while the figures of outbox and deliveries cannot be read', async () => {
  const scrape = async () => (await api.anybody.get('/metrics')).text;
  const figures = [/^outbox_events_due \d+$/m, /^tidings_deliveries_due\{queue="email"\} \d+$/m];
  const before = await scrape();
  for (const figure of figures) expect(before).toMatch(figure);
  const holder = new Client({ connectionString: api.database.url, options: '-c search_path=tidings' });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query('BEGIN; LOCK TABLE outbox, deliveries IN ACCESS EXCLUSIVE MODE');

  const meanwhile = async () => {
    const begun = performance.now();
    const text = await scrape();
    expect(performance.now() - begun).toBeLessThan(SCRAPED_WITHIN);
    expect(text).toContain('process_resident_memory_bytes');
    return text;
  };
  // For a moment a scrape may get the figures of the one before.
  await expect.poll(meanwhile, { timeout: 10_000 }).toMatch(/^outbox_events_due nan$/im);
  await expect.poll(meanwhile, { timeout: 10_000 }).not.toContain('tidings_deliveries_due{');
  await holder.query('ROLLBACK');
  for (const figure of figures) await expect.poll(scrape, { timeout: 5000 }).toMatch(figure);
});
