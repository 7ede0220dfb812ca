import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type UserIdRange, isNamed } from './change-notice.js';
import type { PresenceState, SavedLeases } from './presence.queries.js';

/** Many people who connect at once, as after a deploy, cost one transaction. */
const PAUSE_MILLISECONDS = 100;

interface ConnectedPerson {
  /** The state of each connection. */
  connections: Map<object, 'online' | 'away'>;
  isLeased: boolean;
}

/** The people of one organization who are connected to this process, and their leases. */
export class OrganizationLeases {
  /** A property, because tests retry sooner. */
  retryMilliseconds = 5000;
  private readonly people = new Map<string, ConnectedPerson>();
  /** People whose lease must be written. */
  private readonly changed = new Set<string>();
  /** The organization does not show presence: nothing is written until a notice says that a setting has changed. */
  private isOff = false;
  private isWriting = false;

  constructor(
    private readonly save: (states: Map<string, PresenceState>) => Promise<SavedLeases>,
    /** Called with the people whose presence others may see now. */
    private readonly saved: (userIds: string[]) => void,
    private readonly stopped: AbortSignal,
  ) {}

  get isEmpty(): boolean {
    return this.people.size === 0 && !this.isWriting;
  }

  get count(): number {
    return [...this.people.values()].filter(({ isLeased }) => isLeased).length;
  }

  /** undefined closes the connection. */
  set(userId: string, connection: object, state?: 'online' | 'away'): void {
    const person = this.people.get(userId) ?? { connections: new Map(), isLeased: false };
    this.people.set(userId, person);
    const before = stateOf(person);
    if (state) person.connections.set(connection, state);
    else person.connections.delete(connection);
    if (stateOf(person) === before) return;
    if (this.isOff) this.forgetIfGone(userId);
    else this.write([userId]);
  }

  /** Leaves the lease as it is: the process stops, and the person may reach another one before it expires. */
  detach(userId: string, connection: object): void {
    this.people.get(userId)?.connections.delete(connection);
  }

  /** A setting of these people, or of the organization, has changed. */
  rewrite(ranges: UserIdRange[] | null): void {
    this.isOff = false;
    this.write([...this.people.keys()].filter((userId) => isNamed(ranges, userId)));
  }

  private write(userIds: string[]): void {
    for (const userId of userIds) this.changed.add(userId);
    if (!this.isWriting) void this.writeAll();
  }

  /** One transaction after the other, until nothing has changed meanwhile. */
  private async writeAll(): Promise<void> {
    this.isWriting = true;
    for (let pause = PAUSE_MILLISECONDS; this.changed.size > 0;) {
      await delay(pause, undefined, { ref: false });
      if (this.stopped.aborted) break;
      pause = (await this.writeOnce()) ? PAUSE_MILLISECONDS : this.retryMilliseconds;
    }
    this.isWriting = false;
  }

  private async writeOnce(): Promise<boolean> {
    const userIds = [...this.changed];
    this.changed.clear();
    const states = new Map(userIds.map((userId) => [userId, stateOf(this.people.get(userId))]));
    try {
      const { isOn, leased } = await this.save(states);
      const isLeased = new Set(leased);
      for (const userId of userIds) {
        const person = this.people.get(userId);
        if (person) person.isLeased = isLeased.has(userId);
        this.forgetIfGone(userId);
      }
      // A notice that came meanwhile has changed somebody: the next transaction decides.
      this.isOff = !isOn && this.changed.size === 0;
      if (isOn) this.saved(userIds);
      return true;
    } catch (error) {
      for (const userId of userIds) this.changed.add(userId);
      new Logger('Realtime').warn(`Writing presence failed, retrying: ${String(error)}`);
      return false;
    }
  }

  private forgetIfGone(userId: string): void {
    if (this.people.get(userId)?.connections.size === 0) this.people.delete(userId);
  }
}

function stateOf(person: ConnectedPerson | undefined): PresenceState {
  const states = [...(person?.connections.values() ?? [])];
  return states.includes('online') ? 'online' : states.length > 0 ? 'away' : 'offline';
}
