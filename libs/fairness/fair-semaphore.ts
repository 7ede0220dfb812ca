interface Waiter {
  resolve: () => void;
  timer?: NodeJS.Timeout;
}

export interface FairSemaphoreOptions {
  /** How many permits there are. */
  permits: number;
  /** How many of them one key may hold, whether or not others wait. */
  permitsPerKey?: number;
  /** How many one key may hold while another key is active, that is, asked for a permit in the last second or two. */
  permitsPerKeyAmongOthers?: number;
  /** How many acquisitions of one key may wait. The next one is rejected. */
  waitersPerKey?: number;
  /** How long an acquisition waits before it is rejected. */
  timeoutMilliseconds?: number;
}

/** No permit was free in time, or too many waited for one. */
export class NoPermitError extends Error {
  readonly code = 'ERR_NO_PERMIT';
}

/** A key is active for at least this long after it asked for a permit, and for twice as long at most. */
const RECENT_MILLISECONDS = 1000;

/**
 * A semaphore whose permits are shared fairly between keys, such as organizations. A permit that becomes free goes to
 * the waiting key that holds the fewest; of several such keys, to the one at the front, and a served key goes to the
 * back. So a key with a thousand waiters delays a key with one by a permit or two, never by a thousand.
 */
export class FairSemaphore {
  private free: number;
  private readonly options: Required<Omit<FairSemaphoreOptions, 'permits'>>;
  private readonly held = new Map<string, number>();
  /** The waiters of each key; the keys take turns in the order of this map. */
  private readonly queues = new Map<string, Waiter[]>();
  private waiters = 0;
  /** The keys that asked for a permit since `recentSince`, and those that asked shortly before it. */
  private recent = new Set<string>();
  private earlier = new Set<string>();
  private recentSince = performance.now();

  constructor({
    permits,
    permitsPerKey = permits,
    permitsPerKeyAmongOthers = permitsPerKey,
    waitersPerKey = Infinity,
    timeoutMilliseconds = Infinity,
  }: FairSemaphoreOptions) {
    this.free = permits;
    this.options = { permitsPerKey, permitsPerKeyAmongOthers, waitersPerKey, timeoutMilliseconds };
  }

  /** How many acquisitions wait for a permit. */
  get waiting(): number {
    return this.waiters;
  }

  /** How many permits a key holds plus how many it waits for. */
  demandOf(key: string): number {
    return this.heldBy(key) + (this.queues.get(key)?.length ?? 0);
  }

  /** Waits for a permit. The caller must release it. */
  acquire(key: string): Promise<void> {
    this.note(key);
    if (this.free > 0 && !this.queues.has(key) && this.heldBy(key) < this.limitOf(key)) {
      this.take(key);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => this.wait(key, { resolve }, reject));
  }

  release(key: string): void {
    const held = this.heldBy(key) - 1;
    if (held === 0) this.held.delete(key);
    else this.held.set(key, held);
    this.free++;
    // More than one if a key may now hold more, because it is alone.
    while (this.free > 0 && this.serveNext());
  }

  /** Does the work with a permit, as soon as one is free. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    await this.acquire(key);
    try {
      return await work();
    } finally {
      this.release(key);
    }
  }

  private wait(key: string, waiter: Waiter, reject: (error: Error) => void): void {
    const queue = this.queues.get(key) ?? [];
    if (queue.length >= this.options.waitersPerKey) return reject(new NoPermitError('Too many wait.'));
    queue.push(waiter);
    this.queues.set(key, queue);
    this.waiters++;
    if (this.options.timeoutMilliseconds === Infinity) return;
    waiter.timer = setTimeout(() => {
      const at = queue.indexOf(waiter);
      if (at < 0) return;
      queue.splice(at, 1);
      this.waiters--;
      if (queue.length === 0) this.queues.delete(key);
      reject(new NoPermitError('No permit was free in time.'));
    }, this.options.timeoutMilliseconds);
  }

  private serveNext(): boolean {
    const key = this.nextKey();
    if (key === undefined) return false;
    const queue = this.queues.get(key)!;
    const { resolve, timer } = queue.shift()!;
    clearTimeout(timer);
    this.waiters--;
    // Moves the key to the back.
    this.queues.delete(key);
    if (queue.length > 0) this.queues.set(key, queue);
    this.take(key);
    resolve();
    return true;
  }

  private nextKey(): string | undefined {
    let next: string | undefined;
    let fewest = Infinity;
    for (const key of this.queues.keys()) {
      const held = this.heldBy(key);
      if (held === 0) return key;
      if (held < fewest && held < this.limitOf(key)) [next, fewest] = [key, held];
    }
    return next;
  }

  private take(key: string): void {
    this.free--;
    this.held.set(key, this.heldBy(key) + 1);
  }

  private heldBy(key: string): number {
    return this.held.get(key) ?? 0;
  }

  private limitOf(key: string): number {
    const { permitsPerKey, permitsPerKeyAmongOthers } = this.options;
    return this.isAlone(key) ? permitsPerKey : Math.min(permitsPerKey, permitsPerKeyAmongOthers);
  }

  private isAlone(key: string): boolean {
    this.forget();
    return [this.recent, this.earlier].every((keys) => keys.size === (keys.has(key) ? 1 : 0));
  }

  private note(key: string): void {
    this.forget();
    this.recent.add(key);
  }

  private forget(): void {
    const now = performance.now();
    const age = now - this.recentSince;
    if (age < RECENT_MILLISECONDS) return;
    this.earlier = age < 2 * RECENT_MILLISECONDS ? this.recent : new Set();
    this.recent = new Set();
    this.recentSince = now;
  }
}
