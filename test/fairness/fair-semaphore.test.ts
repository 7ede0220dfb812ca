import { array, assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FairSemaphore } from '#fairness';

const flush = () => new Promise((resolve) => setImmediate(resolve));

/** Acquires one after the other, and notes the keys in the order in which they were served. */
function acquireAll(semaphore: FairSemaphore, keys: string[]): string[] {
  const served: string[] = [];
  for (const key of keys) void semaphore.acquire(key).then(() => served.push(key));
  return served;
}

afterEach(() => vi.useRealTimers());

describe('FairSemaphore', () => {
  it('serves a key that holds nothing before a key with many waiters', async () => {
    const semaphore = new FairSemaphore({ permits: 2 });
    const served = acquireAll(semaphore, ['a', 'a', 'a', 'a', 'a', 'b']);
    await flush();
    expect(served).toEqual(['a', 'a']);
    semaphore.release('a');
    await flush();
    expect(served).toEqual(['a', 'a', 'b']);
  });

  it('serves keys that hold the same number in turns, and moves a served key to the back', async () => {
    const semaphore = new FairSemaphore({ permits: 1 });
    const served = acquireAll(semaphore, ['a', 'a', 'b', 'b', 'c', 'c']);
    for (let turn = 0; turn < 5; turn++) {
      await flush();
      semaphore.release(served.at(-1)!);
    }
    await flush();
    expect(served).toEqual(['a', 'a', 'b', 'c', 'b', 'c']);
  });

  it('gives a key no more than its share even if nobody else waits', async () => {
    const semaphore = new FairSemaphore({ permits: 4, permitsPerKey: 3 });
    const served = acquireAll(semaphore, ['a', 'a', 'a', 'a', 'b']);
    await flush();
    expect(served).toEqual(['a', 'a', 'a', 'b']);
    semaphore.release('b');
    await flush();
    expect(served).toHaveLength(4);
    semaphore.release('a');
    await flush();
    expect(served).toHaveLength(5);
  });

  it('gives a key fewer permits while others are there, and more again once it is alone', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const semaphore = new FairSemaphore({ permits: 8, permitsPerKey: 6, permitsPerKeyAmongOthers: 2 });
    const numberOf = async (served: string[]) => {
      await flush();
      return served.length;
    };
    const alone = acquireAll(
      semaphore,
      Array.from({ length: 6 }, () => 'a'),
    );
    expect(await numberOf(alone)).toBe(6);
    expect(await numberOf(acquireAll(semaphore, ['b']))).toBe(1);
    semaphore.release('b');
    for (let count = 0; count < 5; count++) semaphore.release('a');
    const more = acquireAll(
      semaphore,
      Array.from({ length: 8 }, () => 'a'),
    );
    expect(await numberOf(more)).toBe(1);
    vi.advanceTimersByTime(2100);
    semaphore.release('a');
    expect(await numberOf(more)).toBe(6);
  });

  it('releases the permit of work that fails', async () => {
    const semaphore = new FairSemaphore({ permits: 1 });
    await expect(semaphore.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(semaphore.run('a', () => Promise.resolve('yes'))).resolves.toBe('yes');
  });

  it('never exceeds its limits, and serves everybody in the end', async () => {
    await assert(
      asyncProperty(
        array(constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 }),
        integer({ min: 1, max: 5 }),
        integer({ min: 1, max: 5 }),
        integer({ min: 1, max: 5 }),
        async (keys, permits, permitsPerKey, permitsPerKeyAmongOthers) => {
          const semaphore = new FairSemaphore({ permits, permitsPerKey, permitsPerKeyAmongOthers });
          const held = new Map<string, number>();
          let inAll = 0;
          const work = async (key: string) => {
            const mine = (held.get(key) ?? 0) + 1;
            held.set(key, mine);
            inAll++;
            expect(inAll).toBeLessThanOrEqual(permits);
            expect(mine).toBeLessThanOrEqual(permitsPerKey);
            await flush();
            inAll--;
            held.set(key, held.get(key)! - 1);
          };
          await Promise.all(keys.map((key) => semaphore.run(key, () => work(key))));
          expect(semaphore.waiting).toBe(0);
          for (const key of keys) expect(semaphore.demandOf(key)).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
