import { isTemporary, type TidingsError } from '../errors.js';
import { waitAfter } from '../http.js';

/** Whether the row with the key may be replaced by what a request returned. */
export type IsFresh = (key: string) => boolean;

export interface LoadsOptions {
  /** Resolves once there is a cursor: what is loaded after it is kept up to date from it. */
  started: () => Promise<void>;
  onLoad: () => void;
  signal: AbortSignal;
}

/**
 * Requests in flight. What a frame brings meanwhile stays: the response may have been read before it, and if it was
 * read after it, another frame follows.
 */
export class Loads {
  readonly #inFlight = new Set<Set<string>>();
  readonly #running = new Map<string, { isAgain: boolean; done?: Promise<void> }>();

  constructor(private readonly options: LoadsOptions) {}

  /** Begins to follow changes, without loading anything. */
  begin = (): Promise<void> => this.#untilDone(this.options.started);

  /** A frame brought or removed the row. */
  touch(key: string): void {
    for (const touched of this.#inFlight) touched.add(key);
  }

  async follow<T>(work: (isFresh: IsFresh) => Promise<T>): Promise<T> {
    const touched = new Set<string>();
    this.#inFlight.add(touched);
    try {
      return await work((key) => !touched.has(key));
    } finally {
      this.#inFlight.delete(touched);
    }
  }

  /** Loads something once. */
  async once(work: (isFresh: IsFresh) => Promise<void>): Promise<void> {
    await this.follow(work);
    this.options.onLoad();
  }

  /** Loads something until that succeeds or the server refuses it, and once more if it is asked for meanwhile. */
  repeat(
    key: string,
    work: (isFresh: IsFresh) => Promise<void>,
    refused?: (error: TidingsError) => void,
  ): Promise<void> {
    const { started, onLoad, signal } = this.options;
    const known = this.#running.get(key);
    if (known) {
      known.isAgain = true;
      return known.done ?? Promise.resolve();
    }
    const running: { isAgain: boolean; done?: Promise<void> } = { isAgain: false };
    this.#running.set(key, running);
    const load = async (isFresh: IsFresh) => {
      await started();
      await work(isFresh);
    };
    const loadAll = async () => {
      do {
        running.isAgain = false;
        await this.#untilDone(() => this.follow(load), refused);
        onLoad();
      } while (running.isAgain && !signal.aborted);
      this.#running.delete(key);
    };
    running.done = loadAll();
    return running.done;
  }

  async #untilDone(
    work: () => Promise<void>,
    refused: (error: TidingsError) => void = () => undefined,
  ): Promise<void> {
    const { signal } = this.options;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted) return;
        if (!isTemporary(error)) return refused(error as TidingsError);
        await waitAfter(error, attempt, signal).catch(() => undefined);
      }
    }
  }
}
