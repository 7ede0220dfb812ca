import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { vi } from 'vitest';
import type { Answer } from '../support/http.js';
import type { Town } from './town.js';

/** Whatever takes requests: a server, or several behind a balancer. */
export interface Target {
  send(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Answer>;
}

export interface Attempt {
  begun: number;
  milliseconds: number;
  /** Where there was no answer: whether it was sent at all. */
  outcome: number | 'refused' | 'broken';
}

interface Message {
  path: string;
  headers: Record<string, string>;
  body: { content: string; client_token: string; recipient?: string };
}

const TICK_MILLISECONDS = 10;
/** What a machine cannot carry is left out, rather than piled up: so many may be under way at once. */
const MAX_UNDER_WAY = 200;
/** So few that a process alone refuses none of them, however slow the machine is. */
export const FEW = 30;
const RECONNECT_MILLISECONDS = 200;
const CONTENT = 'message ';
/** One in so many goes to the group. */
const TO_GROUP = 20;

/**
 * Keeps up a rate of sends, whatever becomes of those before. Each is tried again with its client_token until it
 * is acknowledged, and remembered then.
 */
export class Senders {
  readonly attempts: Attempt[] = [];
  /** The id that each client_token was acknowledged with. */
  readonly acknowledged = new Map<string, string>();
  /** Answers that nobody should ever get. */
  readonly wrong: string[] = [];
  private readonly messages = new Map<string, Message>();
  private readonly underWay = new Set<Promise<void>>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly town: Town,
    /** Asked anew for each attempt. */
    private readonly target: () => Target,
  ) {}

  start(rate: number, most = MAX_UNDER_WAY): void {
    const since = performance.now();
    let started = 0;
    this.timer = setInterval(() => {
      const due = ((performance.now() - since) * rate) / 1000;
      for (; started < due; started++) if (this.underWay.size < most) this.follow(this.write());
    }, TICK_MILLISECONDS);
  }

  /** Begins no more, and waits until all are acknowledged. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
  }

  /** Waits until so many more are acknowledged. */
  async more(count: number): Promise<void> {
    const enough = this.acknowledged.size + count;
    await vi.waitUntil(() => this.acknowledged.size >= enough, { timeout: 60_000, interval: 10 });
  }

  /** Sends some again that were acknowledged; how many are answered with another message. */
  async sendAgain(count: number): Promise<number> {
    const some = [...this.messages.values()].toSorted(() => Math.random() - 0.5).slice(0, count);
    const answers = await Promise.all(some.map((message) => this.post(message)));
    return answers.filter(
      ({ status, body }, index) =>
        status !== 201 || idOf(body) !== this.acknowledged.get(some[index]!.body.client_token),
    ).length;
  }

  hasWritten(content: string): boolean {
    return this.messages.has(content.replace(CONTENT, ''));
  }

  count(outcome: Attempt['outcome']): number {
    return this.attempts.filter((attempt) => attempt.outcome === outcome).length;
  }

  /** When the last attempt began that was refused in this time; its beginning where none was. */
  lastRefusal(since: number, until = Infinity): number {
    const refused = this.attempts.filter(({ outcome }) => outcome !== 201).map(({ begun }) => begun);
    return Math.max(since, ...refused.filter((begun) => begun >= since && begun < until));
  }

  get longest(): number {
    return Math.max(...this.attempts.map(({ milliseconds }) => milliseconds));
  }

  private follow(message: Message): void {
    this.messages.set(message.body.client_token, message);
    const following = this.untilAcknowledged(message).finally(() => this.underWay.delete(following));
    this.underWay.add(following);
  }

  private write(): Message {
    const { people, group, groupId } = this.town;
    const token = uuid();
    const body = { content: CONTENT + token, client_token: token };
    if (Math.random() < 1 / TO_GROUP) {
      return { path: `/api/v1/messages/threads/${groupId}/messages`, headers: anyOf(group).headers, body };
    }
    const from = anyOf(people);
    const to = anyOf(people.filter((person) => person !== from));
    return {
      path: '/api/v1/messages/send',
      headers: from.headers,
      body: { ...body, recipient: to.id },
    };
  }

  private async untilAcknowledged(message: Message): Promise<void> {
    for (;;) {
      const begun = performance.now();
      const answer = await this.post(message).catch((error: NodeJS.ErrnoException) => error);
      const milliseconds = performance.now() - begun;
      this.attempts.push({ begun, milliseconds, outcome: outcomeOf(answer) });
      if (answer instanceof Error) {
        await delay(RECONNECT_MILLISECONDS);
      } else if (answer.status === 201) {
        this.acknowledged.set(message.body.client_token, idOf(answer.body));
        return;
      } else await delay(this.patienceFor(answer));
    }
  }

  private post({ path, headers, body }: Message): Promise<Answer> {
    return this.target().send('POST', path, headers, body);
  }

  private patienceFor({ status, headers, text }: Answer): number {
    const after = Number(headers['retry-after']);
    const isRefusal = status === 503 || status === 429;
    if (!isRefusal || !(after >= 1)) this.wrong.push(`${status}, Retry-After ${after}: ${text}`);
    return after >= 1 ? after * 1000 : RECONNECT_MILLISECONDS;
  }
}

function outcomeOf(answer: Answer | NodeJS.ErrnoException): Attempt['outcome'] {
  if (!(answer instanceof Error)) return answer.status;
  return answer.code === 'ECONNREFUSED' ? 'refused' : 'broken';
}

const idOf = (body: { message_id?: string; id?: string }): string => (body.message_id ?? body.id)!;

const anyOf = <T>(items: T[]): T => items[Math.floor(Math.random() * items.length)]!;
