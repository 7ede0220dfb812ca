import type { StateFrame, TypeFrame } from '../generated/types.gen.js';
import type { Presence } from '../types.js';
import { isHidden, isVisible, whenHeld } from '../wake.js';
import type { Connection, Signal } from './change-source.js';

const TYPING_MILLISECONDS = 3000;
const AWAY_MILLISECONDS = 60_000;

/** Who types and who is online, in both directions. None of it is stored anywhere, and a poll does not bring it. */
export class Signals {
  #isLive = false;
  #isAway = false;
  #stops: (() => void)[] = [];
  /** Who is shown as typing, by thread and person. */
  readonly #typing = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #people = new Map<string, Presence>();
  /** The next presence frame has everybody of the threads in focus. */
  #isComplete = false;
  /** Threads in which the person was reported as typing a moment ago. */
  readonly #reported = new Set<string>();

  constructor(
    private readonly onChange: () => void,
    private readonly send: (frame: TypeFrame | StateFrame) => void,
  ) {}

  /** From now on, the person is away while the page is hidden. */
  start(): void {
    this.#stops = [
      whenHeld(isHidden, AWAY_MILLISECONDS, () => this.#report(true)),
      whenHeld(isVisible, 0, () => this.#isAway && this.#report(false)),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#forget();
  }

  typists = (threadId: string): readonly string[] =>
    [...this.#typing.keys()].flatMap((key) => {
      const [thread, user] = key.split(' ');
      return thread === threadId ? user! : [];
    });

  presence = (userId: string): Presence | undefined => this.#people.get(userId);

  /** Another connection, or none: what the last one brought may no longer be so. */
  connected(connection: Connection): void {
    this.#forget();
    this.#isLive = connection === 'live';
    // The server takes a new connection for online.
    if (this.#isLive && this.#isAway) this.#report(true);
  }

  receive = (frame: Signal): void => {
    if (frame.type === 'typing') this.#show(`${frame.thread_id} ${frame.user_id}`, frame.ms);
    if (frame.type === 'focus') {
      this.#isComplete = true;
      // Nobody: no presence frame follows.
      if (frame.threads.length === 0) this.#people.clear();
    }
    if (frame.type === 'presence') {
      if (this.#isComplete) this.#people.clear();
      this.#isComplete = false;
      for (const { user_id: id, ...presence } of frame.people) this.#people.set(id, presence);
    }
    this.onChange();
  };

  /** A person no longer types in a thread: their message has come. */
  endTyping(threadId: string, userId: string | null): void {
    this.#hide(`${threadId} ${userId}`);
  }

  /** The person types in a thread. */
  type(threadId: string): void {
    if (!this.#isLive || this.#reported.has(threadId)) return;
    this.#reported.add(threadId);
    setTimeout(() => this.#reported.delete(threadId), TYPING_MILLISECONDS);
    this.send({ type: 'typing', thread_id: threadId });
  }

  #report(isAway: boolean): void {
    this.#isAway = isAway;
    this.send({ type: 'presence', state: isAway ? 'away' : 'online' });
  }

  #show(key: string, milliseconds: number): void {
    clearTimeout(this.#typing.get(key));
    const end = () => {
      this.#hide(key);
      this.onChange();
    };
    this.#typing.set(key, setTimeout(end, milliseconds));
  }

  #hide(key: string): void {
    clearTimeout(this.#typing.get(key));
    this.#typing.delete(key);
  }

  #forget(): void {
    for (const key of this.#typing.keys()) this.#hide(key);
    this.#people.clear();
  }
}
