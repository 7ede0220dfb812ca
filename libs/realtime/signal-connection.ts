import type { PresenceHub } from './presence-hub.js';
import type { PresenceLeases } from './presence-leases.js';
import { type SignalListener, SignalViewer } from './signal-viewer.js';
import type { TypingHub } from './typing-hub.js';

/** A client that types sends a frame every 3 seconds: every second one finds the answer here. */
const CHECK_MILLISECONDS = 5000;
const MAX_CHECKED = 20;

export interface Signals {
  typing: TypingHub;
  presence: PresenceHub;
  leases: PresenceLeases;
  /** Whether the person may send to the thread. */
  mayType: (threadId: string) => Promise<boolean>;
}

/** One connection of a person: what they do, and what they see of others. */
export class SignalConnection {
  private readonly viewer: SignalViewer;
  /** In which threads the person may type, for a few seconds. */
  private readonly checked = new Map<string, { mayType: Promise<boolean>; until: number }>();
  private isOpen = true;

  constructor(
    { organizationId, userId }: { organizationId: string; userId: string },
    listener: SignalListener,
    private readonly signals: Signals,
  ) {
    this.viewer = new SignalViewer(organizationId, userId, listener);
    this.setState('online');
  }

  focus(threadIds: string[]): void {
    if (!this.isOpen) return;
    this.signals.typing.unwatch(this.viewer);
    this.viewer.focus(threadIds);
    this.signals.typing.watch(this.viewer);
    this.signals.presence.focus(this.viewer);
  }

  /** Does nothing in threads that the person may not send to, whether they exist or not. */
  async type(threadId: string): Promise<void> {
    const { organizationId, userId } = this.viewer;
    if (await this.mayType(threadId)) this.signals.typing.add(organizationId, threadId, userId);
  }

  setState(state: 'online' | 'away'): void {
    const { organizationId, userId } = this.viewer;
    if (this.isOpen) this.signals.leases.set(organizationId, userId, this, state);
  }

  /** The process stops: the person probably reaches another one before the lease expires. */
  detach(): void {
    this.signals.leases.detach(this.viewer.organizationId, this.viewer.userId, this);
  }

  close(): void {
    this.isOpen = false;
    this.signals.typing.unwatch(this.viewer);
    this.signals.presence.close(this.viewer);
    this.signals.leases.set(this.viewer.organizationId, this.viewer.userId, this);
  }

  private mayType(threadId: string): Promise<boolean> {
    const now = performance.now();
    const known = this.checked.get(threadId);
    if (known && known.until > now) return known.mayType;
    if (this.checked.size >= MAX_CHECKED) this.checked.clear();
    const mayType = this.signals.mayType(threadId);
    this.checked.set(threadId, { mayType, until: now + CHECK_MILLISECONDS });
    return mayType;
  }
}
