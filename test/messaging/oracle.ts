import type { ProblemCode } from '#problem';
import type { ActName } from './acts.js';
import { Memory, type OracleMessage, type OracleThread, type Part } from './memory.js';

/** The status of success, or the code of the refusal. */
export type Verdict = number | ProblemCode;

export interface Aim {
  otherId: string;
  threadId: string;
  messageId: string;
  content: string;
}

type Acts = Record<ActName, (me: string, aim: Aim, answer: any) => Verdict>;

/** What every act must be answered, and does. */
export class Oracle extends Memory implements Acts {
  group(id: string, ownerId: string, otherIds: string[]): void {
    this.make(id, 'group', [ownerId, ...otherIds]).ownerId = ownerId;
  }

  sendTo(me: string, { otherId, content }: Aim, sent: any): Verdict {
    const refusal = this.refusal(me, otherId);
    if (refusal) return refusal;
    const thread = this.direct(me, otherId) ?? this.make(sent.thread_id, 'direct', [me, otherId]);
    this.keep(thread, { id: sent.message_id, senderId: me, sentAt: sent.sent_at, content });
    return 201;
  }

  open(me: string, { otherId }: Aim, opened: any): Verdict {
    if (this.hasBlocked(me, otherId)) return 'blocked_by_you';
    if (this.direct(me, otherId)) return 200;
    const refusal = this.refusal(me, otherId);
    if (refusal) return refusal;
    this.make(opened.id, 'direct', [me, otherId]);
    return 201;
  }

  post(me: string, { threadId, content }: Aim, sent: any): Verdict {
    const { thread, part } = this.partIn(threadId, me);
    if (!part) return 'not_found';
    const refusal = part.leftSeq === null ? this.refusalIn(thread, me) : 'forbidden';
    if (refusal) return refusal;
    this.keep(thread, { id: sent.id, senderId: me, sentAt: sent.sent_at, content });
    return 201;
  }

  readAll(me: string, { threadId }: Aim, read: any): Verdict {
    const { thread, part } = this.partIn(threadId, me);
    if (!part) return 'not_found';
    return mark(part, part.leftSeq ?? thread.messages.length, read.last_read_at);
  }

  readUpTo(me: string, aim: Aim, read: any): Verdict {
    const { part, message } = this.messageIn(aim, me);
    if (!part) return 'not_found';
    return message ? mark(part, message.seq, read.last_read_at) : 'validation_failed';
  }

  readOne(me: string, aim: Aim, read: any): Verdict {
    const { part, message } = this.messageIn(aim, me);
    if (!message) return 'not_found';
    return message.senderId === me ? 'not_recipient' : mark(part!, message.seq, read.read_at);
  }

  hide(me: string, aim: Aim): Verdict {
    const { message } = this.messageIn(aim, me);
    if (!message) return 'not_found';
    message.hiddenFrom.add(me);
    return 204;
  }

  retract(me: string, aim: Aim): Verdict {
    const { message } = this.messageIn(aim, me);
    if (!message) return 'not_found';
    if (message.senderId !== me) return 'forbidden';
    message.isDeleted = true;
    return 204;
  }

  edit(me: string, aim: Aim): Verdict {
    const { thread, part, message } = this.messageIn(aim, me);
    if (!message) return 'not_found';
    if (message.senderId !== me) return 'forbidden';
    if (message.isDeleted) return 'conflict';
    const refusal = part!.leftSeq === null ? this.refusalIn(thread, me) : 'forbidden';
    if (refusal) return refusal;
    message.content = aim.content;
    message.edits++;
    return 200;
  }

  block(me: string, { otherId }: Aim): Verdict {
    this.blocks.add(`${me} ${otherId}`);
    return 204;
  }

  unblock(me: string, { otherId }: Aim): Verdict {
    this.blocks.delete(`${me} ${otherId}`);
    return 204;
  }

  add(me: string, { threadId, otherId }: Aim): Verdict {
    const { thread, part } = this.partIn(threadId, me);
    if (!part) return 'not_found';
    const refusal = this.refusalToRun(thread, me) ?? this.refusal(me, otherId);
    if (refusal) return refusal;
    if (thread.parts.get(otherId)?.leftSeq === null) return 200;
    this.join(thread, otherId);
    return 201;
  }

  remove(me: string, { threadId, otherId }: Aim): Verdict {
    const { thread, part } = this.partIn(threadId, me);
    if (!part) return 'not_found';
    return this.refusalToRun(thread, me) ?? (this.depart(thread, otherId) ? 204 : 'not_found');
  }

  leave(me: string, { threadId }: Aim): Verdict {
    const { thread, part } = this.partIn(threadId, me);
    if (!part) return 'not_found';
    if (thread.kind === 'direct') return 'conflict';
    return this.depart(thread, me) ? 204 : 'not_found';
  }

  /** In a group a block refuses nothing. */
  private refusalIn({ kind, parts }: OracleThread, me: string): ProblemCode | null {
    return kind === 'group'
      ? null
      : this.refusal(
          me,
          [...parts.keys()].find((id) => id !== me)!,
        );
  }

  private refusalToRun({ kind, ownerId }: OracleThread, me: string): ProblemCode | null {
    if (kind === 'direct') return 'conflict';
    return ownerId === me ? null : 'forbidden';
  }

  private partIn(threadId: string, me: string): { thread: OracleThread; part: Part | undefined } {
    const thread = this.threads.get(threadId)!;
    return { thread, part: thread.parts.get(me) };
  }

  private messageIn({ threadId, messageId }: Aim, me: string) {
    const { thread, part } = this.partIn(threadId, me);
    const message: OracleMessage | undefined =
      part && this.visible(thread, me).find(({ id }) => id === messageId);
    return { thread, part, message };
  }
}

/** Only ever forward. */
function mark(part: Part, seq: number, at: string): Verdict {
  if (seq > part.readSeq) {
    part.readSeq = seq;
    part.advances.push({ seq, at });
  }
  return 200;
}
