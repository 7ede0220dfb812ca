import { Logger } from '@nestjs/common';
import { type UserIdRange, isNamed } from './change-notice.js';
import type { SeenPerson, SeenPresence } from './presence.queries.js';
import type { SignalViewer } from './signal-viewer.js';

/** A connection gets presence at most once in this time. */
const PAUSE_MILLISECONDS = 1000;

/** People who come and go at the same time cost one query. */
const GATHER_MILLISECONDS = 20;

export type FindPresence = (threadIds: string[], viewerIds: string[]) => Promise<SeenPresence>;

/** The connections of one organization that have threads in focus. One query reads presence for all that are due. */
export class OrganizationPresence {
  private readonly viewers = new Set<SignalViewer>();
  private readonly due = new Set<SignalViewer>();
  /** The organization does not show presence: nothing is read until a notice says that its settings have changed. */
  private isOff = false;
  private isReading = false;
  private timer?: NodeJS.Timeout;
  private timerAt = Infinity;

  constructor(private readonly find: FindPresence) {}

  get isEmpty(): boolean {
    return this.viewers.size === 0;
  }

  focus(viewer: SignalViewer): void {
    this.viewers.add(viewer);
    if (!this.isOff) this.enqueue([viewer]);
  }

  remove(viewer: SignalViewer): void {
    this.viewers.delete(viewer);
    this.due.delete(viewer);
    if (this.isEmpty) clearTimeout(this.timer);
  }

  /** The presence of these people may have changed; null stands for everybody. */
  refresh(ranges: UserIdRange[] | null): void {
    if (this.isOff) return;
    this.enqueue([...this.viewers].filter(({ shown }) => ranges === null || showsSome(shown, ranges)));
  }

  settingsChanged(): void {
    this.isOff = false;
    this.enqueue([...this.viewers]);
  }

  private enqueue(viewers: SignalViewer[]): void {
    for (const viewer of viewers) this.due.add(viewer);
    this.schedule();
  }

  private schedule(): void {
    if (this.isReading || this.due.size === 0) return;
    const now = performance.now();
    const nextAt = Math.min(...[...this.due].map((viewer) => viewer.nextAt));
    const at = Math.max(now + GATHER_MILLISECONDS, nextAt);
    if (at >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => void this.read(), at - now);
  }

  private async read(): Promise<void> {
    this.isReading = true;
    this.timerAt = Infinity;
    const now = performance.now();
    const some = [...this.due].filter(({ nextAt }) => nextAt <= now);
    for (const viewer of some) this.due.delete(viewer);
    try {
      await this.readFor(some);
    } catch (error) {
      // Everybody is refreshed again within seconds.
      new Logger('Realtime').warn(`Reading presence failed, retrying within 4 s: ${String(error)}`);
    } finally {
      this.isReading = false;
      this.schedule();
    }
  }

  private async readFor(viewers: SignalViewer[]): Promise<void> {
    const focus = new Map(viewers.map((viewer) => [viewer, viewer.threadIds]));
    const threadIds = [...new Set([...focus.values()].flat())];
    const found = await this.find(threadIds, [...new Set(viewers.map(({ userId }) => userId))]);
    // A notice that came meanwhile has made everybody due: the next query decides.
    this.isOff = !found.isOn && this.due.size === 0;
    const byThread = Map.groupBy(found.people, ({ thread_id }) => thread_id);
    const blocks = new Map(found.blocks.map((block) => [`${block.viewer_id} ${block.user_id}`, block]));
    for (const [viewer, shown] of focus) {
      // Otherwise it is due again, for other threads.
      if (!this.viewers.has(viewer) || viewer.threadIds !== shown) continue;
      viewer.nextAt = performance.now() + PAUSE_MILLISECONDS;
      viewer.show(peopleFor(viewer, byThread, blocks));
    }
  }
}

const showsSome = (shown: Map<string, string>, ranges: UserIdRange[]): boolean =>
  ranges.some(([first, last]) =>
    first === last ? shown.has(first) : [...shown.keys()].some((userId) => isNamed([[first, last]], userId)),
  );

/** The other participants of the viewer's threads. Across a block, in either direction, they are as they were before. */
function peopleFor(
  { userId: viewerId, threadIds }: SignalViewer,
  byThread: Map<string, SeenPresence['people']>,
  blocks: Map<string, SeenPresence['blocks'][number]>,
): Map<string, SeenPerson> {
  const people = new Map<string, SeenPerson>();
  for (const threadId of threadIds) {
    const participants = byThread.get(threadId) ?? [];
    if (!participants.some(({ user_id }) => user_id === viewerId)) continue;
    for (const { user_id, state, last_seen_at } of participants) {
      if (user_id === viewerId) continue;
      const block = blocks.get(`${viewerId} ${user_id}`);
      people.set(
        user_id,
        block
          ? { user_id, state: 'offline', last_seen_at: block.last_seen_at }
          : { user_id, state, last_seen_at },
      );
    }
  }
  return people;
}
