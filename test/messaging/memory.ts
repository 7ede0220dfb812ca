import type { ProblemCode } from '#problem';

export interface OracleMessage {
  id: string;
  seq: number;
  senderId: string;
  sentAt: string;
  content: string;
  edits: number;
  isDeleted: boolean;
  hiddenFrom: Set<string>;
}

export interface Part {
  /** The last seq when they joined, and when they left: they see what lies between. */
  joinedSeq: number;
  leftSeq: number | null;
  /** How many were in it when they left, they themselves too. */
  leftCount: number | null;
  readSeq: number;
  /** Every advance of the mark, with its time as the API returned it. */
  advances: { seq: number; at: string }[];
  joinedAt: number;
  /** When something last happened in the thread, as they left. */
  activeAt: number | null;
  /** How far everybody had read as they left. */
  partsThen: Map<string, Reader> | null;
  /** What messages said as they left, by id. */
  textsThen: Map<string, Pick<OracleMessage, 'content' | 'edits'>> | null;
}

export type Reader = Pick<Part, 'joinedSeq' | 'leftSeq' | 'readSeq' | 'advances'>;

export interface OracleThread {
  id: string;
  kind: 'direct' | 'group';
  parts: Map<string, Part>;
  ownerId: string | null;
  messages: OracleMessage[];
  activeAt: number;
}

/** Threads, blocks and marks in the plainest way: nothing is counted until somebody looks. */
export class Memory {
  protected readonly threads = new Map<string, OracleThread>();
  protected readonly blocks = new Set<string>();
  private moments = 0;

  hasBlocked = (blocker: string, blocked: string): boolean => this.blocks.has(`${blocker} ${blocked}`);

  threadsOf = (me: string): OracleThread[] => [...this.threads.values()].filter(({ parts }) => parts.has(me));

  direct = (me: string, otherId: string): OracleThread | undefined =>
    this.threadsOf(me).find(({ kind, parts }) => kind === 'direct' && parts.has(otherId));

  /** The one rule of visibility. */
  visible({ parts, messages }: OracleThread, me: string): OracleMessage[] {
    const { joinedSeq, leftSeq } = parts.get(me)!;
    return messages.filter(
      ({ seq, senderId, hiddenFrom }) =>
        seq > joinedSeq && seq <= (leftSeq ?? seq) && !hiddenFrom.has(me) && !this.hasBlocked(me, senderId),
    );
  }

  unread(thread: OracleThread, me: string): number {
    const { readSeq } = thread.parts.get(me)!;
    return this.visible(thread, me).filter(
      ({ seq, senderId, isDeleted }) => senderId !== me && !isDeleted && seq > readSeq,
    ).length;
  }

  protected refusal(me: string, otherId: string): ProblemCode | null {
    if (this.hasBlocked(me, otherId)) return 'blocked_by_you';
    return this.hasBlocked(otherId, me) ? 'recipient_unavailable' : null;
  }

  protected make(id: string, kind: OracleThread['kind'], people: string[]): OracleThread {
    const activeAt = ++this.moments;
    const thread: OracleThread = { id, kind, parts: new Map(), ownerId: null, messages: [], activeAt };
    for (const person of people) this.join(thread, person, activeAt);
    this.threads.set(id, thread);
    return thread;
  }

  protected keep(
    thread: OracleThread,
    sent: Pick<OracleMessage, 'id' | 'senderId' | 'sentAt' | 'content'>,
  ): void {
    const seq = thread.messages.length + 1;
    thread.messages.push({ ...sent, seq, edits: 0, isDeleted: false, hiddenFrom: new Set() });
    thread.activeAt = ++this.moments;
  }

  protected join({ parts, messages }: OracleThread, person: string, joinedAt = ++this.moments): void {
    const last = messages.length;
    const advances = parts.get(person)?.advances ?? [];
    parts.set(person, {
      joinedSeq: last,
      leftSeq: null,
      leftCount: null,
      readSeq: last,
      advances,
      joinedAt,
      activeAt: null,
      partsThen: null,
      textsThen: null,
    });
  }

  /** Where the owner leaves, whoever has been there longest follows. */
  protected depart(thread: OracleThread, person: string): boolean {
    const part = thread.parts.get(person);
    if (part?.leftSeq !== null) return false;
    part.leftCount = presentIn(thread);
    part.partsThen = new Map(
      [...thread.parts].map(([id, { joinedSeq, leftSeq, readSeq, advances }]) => [
        id,
        { joinedSeq, leftSeq, readSeq, advances: [...advances] },
      ]),
    );
    part.textsThen = new Map(thread.messages.map(({ id, content, edits }) => [id, { content, edits }]));
    part.leftSeq = thread.messages.length;
    part.activeAt = thread.activeAt;
    if (thread.ownerId === person) thread.ownerId = heirOf(thread);
    return true;
  }
}

export const presentIn = ({ parts }: OracleThread): number =>
  [...parts.values()].filter(({ leftSeq }) => leftSeq === null).length;

function heirOf({ parts }: OracleThread): string | null {
  const present = [...parts].filter(([, { leftSeq }]) => leftSeq === null);
  const [heir] = present.toSorted(
    ([one, { joinedAt: first }], [other, { joinedAt: second }]) => first - second || (one < other ? -1 : 1),
  );
  return heir?.[0] ?? null;
}
