import type { SeenPerson } from './presence.queries.js';

/** The receiver of what people do at this moment, such as a WebSocket. */
export interface SignalListener {
  /** The client has not read enough: it gets no signal now. */
  readonly isBehind: boolean;
  showTyping(threadId: string, userId: string): void;
  showPresence(people: SeenPerson[]): void;
}

/** A connection of a person, and the threads that its client shows. */
export class SignalViewer {
  threadIds: string[] = [];
  /** What the client knows of others, by user id. */
  readonly shown = new Map<string, string>();
  /** When presence may be read for it again, in the time of performance.now(). */
  nextAt = 0;

  constructor(
    readonly organizationId: string,
    readonly userId: string,
    readonly listener: SignalListener,
  ) {}

  focus(threadIds: string[]): void {
    this.threadIds = [...new Set(threadIds)];
    this.shown.clear();
  }

  /** Shows what differs from before. A person who is no longer to be seen becomes offline, without a time. */
  show(people: Map<string, SeenPerson>): void {
    if (this.listener.isBehind) return;
    const changed = [...people.values()].filter(
      (person) => this.shown.get(person.user_id) !== textOf(person),
    );
    const gone = [...this.shown.keys()].filter((userId) => !people.has(userId)).map(unknownPerson);
    for (const person of changed) this.shown.set(person.user_id, textOf(person));
    for (const { user_id } of gone) this.shown.delete(user_id);
    const all = [...changed, ...gone].toSorted((one, other) => (one.user_id < other.user_id ? -1 : 1));
    if (all.length > 0) this.listener.showPresence(all);
  }
}

const unknownPerson = (user_id: string): SeenPerson => ({ user_id, state: 'offline', last_seen_at: null });

const textOf = ({ state, last_seen_at }: SeenPerson): string => `${state} ${last_seen_at?.toISOString()}`;
