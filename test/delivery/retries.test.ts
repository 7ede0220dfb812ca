import { describe, expect, it } from 'vitest';
import { outcomeAfterSend } from '../../libs/delivery/retries.js';

const failure = { status: 'retry', error: 'It responded with 500.' } as const;

/** How many seconds after each failed attempt the next one is due, until none is. */
function pauses(): number[] {
  const seconds: number[] = [];
  for (let attempts = 1; ; attempts++) {
    const outcome = outcomeAfterSend(failure, { channel: 'webhook', attempts });
    if (outcome.status !== 'waiting' || !('afterSeconds' in outcome.due)) return seconds;
    seconds.push(outcome.due.afterSeconds);
  }
}

describe('the retry schedule of webhooks', () => {
  it('has ten attempts over three days, as Standard Webhooks suggests, each up to a fifth later', () => {
    const schedule = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (let time = 0; time < 100; time++) {
      const actual = pauses();
      expect(actual).toHaveLength(9);
      for (const [index, pause] of schedule.entries()) {
        expect(actual[index]).toBeGreaterThanOrEqual(pause);
        expect(actual[index]).toBeLessThanOrEqual(pause * 1.2);
      }
    }
  });

  it('has jitter, so that deliveries which failed together are not retried together', () => {
    expect(new Set(Array.from({ length: 100 }, () => pauses()[8])).size).toBeGreaterThan(90);
  });
});
