import type { RelayPool } from '#database';

/** NOTIFY takes a lock of the whole server at commit, so there is at most one in this time; the first goes at once. */
const PAUSE_MILLISECONDS = 50;

/** Notifies the processes of a channel, with what was added since the last time. A NOTIFY may be lost. */
export class Notifier<Item> {
  private pending: Item[] = [];
  private nextAt = 0;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly relay: RelayPool,
    private readonly channel: string,
    private readonly encode: (items: Item[]) => string[],
  ) {}

  add(item: Item): void {
    this.pending.push(item);
    this.timer ??= setTimeout(() => void this.notify(), Math.max(0, this.nextAt - Date.now()));
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async notify(): Promise<void> {
    const payloads = this.encode(this.pending);
    this.pending = [];
    this.timer = undefined;
    this.nextAt = Date.now() + PAUSE_MILLISECONDS;
    await Promise.all(payloads.map((payload) => this.relay.notify(this.channel, payload))).catch(
      () => undefined,
    );
  }
}
