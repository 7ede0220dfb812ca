import { setImmediate as others } from 'node:timers/promises';

/** Items in one batch: few enough for a short transaction. */
const MAX_ITEMS = 50;

/** Returns a result for each item, or for the first ones: the rest becomes the next batch. */
type Handle<Item, Result> = (organizationId: string, items: Item[]) => Promise<Result[]>;

interface QueuedItem<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

interface Options {
  /** Runs around each batch. Items that arrive while it waits, for a permit say, join the batch. */
  around?: (organizationId: string, work: () => Promise<void>) => Promise<void>;
  /** Whether a single item of a failed batch may be at fault, so that items are worth retrying one by one. */
  retryIndividually?: (error: unknown) => boolean;
}

/**
 * Handles in one batch the items of an organization that arrive at once or while the batch before is handled. If a batch
 * fails, each of its items is handled alone, so that only the faulty one fails, with its own error.
 */
export class Batcher<Item, Result = void> {
  /** The waiting items of each organization. */
  private readonly queues = new Map<string, QueuedItem<Item, Result>[]>();
  private readonly options: Required<Options>;

  constructor(
    private readonly handle: Handle<Item, Result>,
    { around = (_organizationId, work) => work(), retryIndividually = () => true }: Options = {},
  ) {
    this.options = { around, retryIndividually };
  }

  add(organizationId: string, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting = this.queues.get(organizationId) ?? [];
      waiting.push({ item, resolve, reject });
      if (!this.queues.has(organizationId)) void this.run(organizationId, waiting);
    });
  }

  private async run(organizationId: string, waiting: QueuedItem<Item, Result>[]): Promise<void> {
    this.queues.set(organizationId, waiting);
    await others();
    while (waiting.length > 0) await this.handleNext(organizationId, waiting);
    this.queues.delete(organizationId);
  }

  private async handleNext(organizationId: string, waiting: QueuedItem<Item, Result>[]): Promise<void> {
    let together: QueuedItem<Item, Result>[] = [];
    try {
      await this.options.around(organizationId, async () => {
        together = waiting.splice(0, MAX_ITEMS);
        if (together.length === 0) return;
        const results = await this.handle(
          organizationId,
          together.map(({ item }) => item),
        );
        const handled = together.splice(0, results.length);
        waiting.unshift(...together);
        for (const [at, { resolve }] of handled.entries()) resolve(results[at]!);
      });
    } catch (error) {
      if (together.length === 1 || !this.options.retryIndividually(error))
        for (const { reject } of together) reject(error);
      else await Promise.all(together.map((one) => this.handleAlone(organizationId, one)));
    }
  }

  private handleAlone(
    organizationId: string,
    { item, resolve, reject }: QueuedItem<Item, Result>,
  ): Promise<void> {
    return this.options
      .around(organizationId, async () => resolve((await this.handle(organizationId, [item]))[0]!))
      .catch(reject);
  }
}
