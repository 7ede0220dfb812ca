import { isTemporary, type TidingsError } from '../errors.js';
import { waitAfter } from '../http.js';

/** Whether the row with the key may be replaced by what a request returned. */
export type IsFresh = (key: string) => boolean;

/**
 * Requests in flight. What a frame brings meanwhile stays: the response may have been read before it, and if it was
 * read after it, another frame follows.
 */
export class Loads {
  private readonly inFlight = new Set<Set<string>>();
  private readonly running = new Map<string, 'once' | 'again'>();

  constructor(private readonly signal: AbortSignal) {}

  /** A frame brought or removed the row. */
  touch(key: string): void {
    for (const touched of this.inFlight) touched.add(key);
  }

  async follow<T>(work: (isFresh: IsFresh) => Promise<T>): Promise<T> {
    const touched = new Set<string>();
    this.inFlight.add(touched);
    try {
      return await work((key) => !touched.has(key));
    } finally {
      this.inFlight.delete(touched);
    }
  }

  /** Works until it succeeds or the server refuses it, and once more if it is asked for meanwhile. */
  async repeat(
    key: string,
    work: (isFresh: IsFresh) => Promise<void>,
    refused: (error: TidingsError) => void,
  ): Promise<void> {
    if (this.running.has(key)) return void this.running.set(key, 'again');
    do {
      this.running.set(key, 'once');
      await this.untilDone(() => this.follow(work), refused);
    } while (this.running.get(key) === 'again' && !this.signal.aborted);
    this.running.delete(key);
  }

  async untilDone(work: () => Promise<void>, refused: (error: TidingsError) => void): Promise<void> {
    for (let attempt = 0; !this.signal.aborted; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (this.signal.aborted) return;
        if (!isTemporary(error)) return refused(error as TidingsError);
        await waitAfter(error, attempt, this.signal).catch(() => undefined);
      }
    }
  }
}
