import { keep } from './keep.js';

/**
 * A part of the store. It is read and followed separately, and keeps its reference while nothing in it changes, as
 * `useSyncExternalStore` needs it. The first subscription loads it.
 *
 * @example
 * const stop = tidings.store.counts.subscribe(() => show(tidings.store.counts.getSnapshot()));
 */
export interface Slice<T> {
  /** What the store has now. */
  getSnapshot: () => T;
  /** Calls the listener after every change, until the returned function is called. */
  subscribe: (listener: () => void) => () => void;
  /** Loads it again, such as after the server refused it. Resolves once that has ended, whatever came of it. */
  reload: () => Promise<void>;
}

class CachedSlice<T> implements Slice<T> {
  readonly listeners = new Set<() => void>();
  #value?: { current: T };
  #isStale = true;

  constructor(
    private readonly compute: () => T,
    private readonly onUse: (isUsed: boolean) => void,
    readonly reload: () => Promise<void>,
  ) {}

  getSnapshot = (): T => {
    if (this.#isStale || !this.#value) {
      this.#value = { current: this.#value ? keep(this.#value.current, this.compute()) : this.compute() };
      this.#isStale = false;
    }
    return this.#value.current;
  };

  subscribe = (listener: () => void): (() => void) => {
    // One function may be given twice.
    const own = () => listener();
    this.listeners.add(own);
    if (this.listeners.size === 1) this.onUse(true);
    return () => {
      if (this.listeners.delete(own) && this.listeners.size === 0) this.onUse(false);
    };
  };

  /** Returns whether the value is another one now. */
  refresh(): boolean {
    const before = this.#value?.current;
    this.#isStale = true;
    return this.listeners.size > 0 && this.getSnapshot() !== before;
  }
}

/** All slices that were asked for. */
export class Slices {
  readonly #all = new Map<string, CachedSlice<unknown>>();

  get<T>(
    key: string,
    compute: () => T,
    onUse: (isUsed: boolean) => void,
    reload: () => Promise<void> = async () => undefined,
  ): Slice<T> {
    const known = this.#all.get(key);
    if (known) return known as CachedSlice<T>;
    const slice = new CachedSlice(compute, onUse, reload);
    this.#all.set(key, slice);
    return slice;
  }

  isUsed = (key: string): boolean => (this.#all.get(key)?.listeners.size ?? 0) > 0;

  /** Computes all slices again, and then calls the listeners of those that changed: whatever they read is of one moment. */
  refresh(): void {
    const changed = [...this.#all.values()].filter((slice) => slice.refresh());
    for (const { listeners } of changed) for (const listener of listeners) call(listener);
  }
}

/** An error of one listener is reported as an unhandled rejection; the others are called all the same. */
function call(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    void Promise.reject(error);
  }
}
