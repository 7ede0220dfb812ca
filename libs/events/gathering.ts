import { setImmediate as others } from 'node:timers/promises';
import { withHand } from './hands.js';

/** Together: few enough for one transaction to be short. */
const MOST_ITEMS = 50;

type Handle<Item> = (organizationId: string, items: Item[]) => Promise<void>;

interface Gathered<Item> {
  item: Item;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Has handled together what comes of one organization at once, or while the last of it is being handled. Where
 * that fails each is handled alone, so that one which cannot be handled fails alone, with its own error.
 */
export class Gathering<Item> {
  private readonly organizations = new Map<string, Gathered<Item>[]>();

  constructor(private readonly handle: Handle<Item>) {}

  add(organizationId: string, item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.organizations.get(organizationId);
      const gathered = { item, resolve, reject };
      if (waiting) waiting.push(gathered);
      else void this.run(organizationId, [gathered]);
    });
  }

  private async run(organizationId: string, waiting: Gathered<Item>[]): Promise<void> {
    this.organizations.set(organizationId, waiting);
    await others();
    while (waiting.length > 0) await this.handleNext(organizationId, waiting);
    this.organizations.delete(organizationId);
  }

  private async handleNext(organizationId: string, waiting: Gathered<Item>[]): Promise<void> {
    let together: Gathered<Item>[] = [];
    try {
      await withHand(() => {
        together = waiting.splice(0, MOST_ITEMS);
        return this.handle(
          organizationId,
          together.map(({ item }) => item),
        );
      });
      for (const { resolve } of together) resolve();
    } catch (error) {
      if (together.length === 1) together[0]!.reject(error);
      else await Promise.all(together.map((one) => this.handleAlone(organizationId, one)));
    }
  }

  private handleAlone(organizationId: string, { item, resolve, reject }: Gathered<Item>): Promise<void> {
    return withHand(() => this.handle(organizationId, [item])).then(resolve, reject);
  }
}
