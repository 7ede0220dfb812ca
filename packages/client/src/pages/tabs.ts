import type { PageMessage } from '../live/pages.js';

export interface TabsListener {
  /** This page leads from now on. */
  lead: () => void;
  /** Another page leads from now on. */
  yield: () => void;
  receive: (message: PageMessage) => void;
}

/** What browsers have and others may lack: pages without https have no locks. */
interface Browser {
  document?: object;
  navigator?: { locks?: LockManager };
  BroadcastChannel?: typeof BroadcastChannel;
}

/** The pages of one person in a browser. One of them leads: it follows changes, and sends, for all. */
export class Tabs {
  isLeader = false;
  #name = '';
  #channel?: BroadcastChannel;
  #request?: AbortController;
  #release?: () => void;

  constructor(private readonly listener: TabsListener) {}

  /** Where pages cannot share, each leads itself. */
  open(name: string): void {
    const { document, navigator, BroadcastChannel } = globalThis as Browser;
    if (!document || !navigator?.locks || !BroadcastChannel) return this.#lead();
    this.#name = name;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.listener.receive(data as PageMessage);
    void this.#apply(navigator.locks, false);
  }

  post(message: PageMessage): void {
    this.#channel?.postMessage(message);
  }

  /** Makes this page the leader, because the other one does not respond: browsers freeze pages that nobody sees. */
  takeOver(): void {
    this.#request?.abort();
    void this.#apply(navigator.locks, true);
  }

  close(): void {
    this.#request?.abort();
    this.#release?.();
    this.#channel?.close();
    this.#channel = undefined;
  }

  #lead(): void {
    this.isLeader = true;
    this.listener.lead();
  }

  async #apply(locks: LockManager, steal: boolean): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    const hold = () => {
      this.#lead();
      return new Promise<void>((resolve) => (this.#release = resolve));
    };
    // Rejects if the request is given up, or another page steals the lock.
    await locks
      .request(this.#name, steal ? { steal } : { signal: request.signal }, hold)
      .catch(() => undefined);
    if (!this.isLeader || request.signal.aborted) return;
    this.isLeader = false;
    this.listener.yield();
    void this.#apply(locks, false);
  }
}
