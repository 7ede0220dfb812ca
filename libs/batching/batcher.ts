import { setImmediate as others } from 'node:timers/promises';

/** Together: few enough for one transaction to be short. */
const MAX_ITEMS = 50;

/** Answers with a result for each of them, or for the first of them: the rest is handled next. */
type Handle<Item, Result> = (organizationId: string, items: Item[]) => Promise<Result[]>;

interface QueuedItem<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

interface Options {
  /** What to pass through before some are taken, so that as many as possible have come by then. */
  around?: (organizationId: string, work: () => Promise<void>) => Promise<void>;
  /** Whether what failed together may succeed alone. */
  retryIndividually?: (error: unknown) => boolean;
}

/**
 * Has handled together what comes of one organization at once, or while what came before is being handled. Where
 * that fails for one of them each is handled alone, so that one which cannot be handled fails alone, with its own error.
 */
export class Batcher<Item, Result = void> {
  /** By organization, while there is something to do for it. */
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
