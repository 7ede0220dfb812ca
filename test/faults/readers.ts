import type { Senders, Target } from './senders.js';
import type { Town } from './town.js';

const AT_ONCE = 4;

interface Page {
  messages: { seq: number; content: string }[];
}

/** Reads the newest of what is written, over and over, and looks whether it can be so. */
export class Readers {
  read = 0;
  refused = 0;
  readonly wrong: string[] = [];
  private isStopping = false;
  private reading: Promise<void>[] = [];

  constructor(
    private readonly target: Target,
    private readonly town: Town,
    private readonly senders: Senders,
  ) {}

  start(): void {
    this.reading = Array.from({ length: AT_ONCE }, () => this.goOn());
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.reading);
  }

  private async goOn(): Promise<void> {
    const { group, groupId } = this.town;
    let newest = 0;
    for (let time = 0; !this.isStopping; time++) {
      const { headers } = group[time % group.length]!;
      const path = `/api/v1/messages/threads/${groupId}?limit=50`;
      const answer = await this.target.send('GET', path, headers);
      if (answer.status === 200) newest = this.look(answer.body as Page, newest);
      else if (answer.status === 503 && answer.headers['retry-after']) this.refused++;
      else this.wrong.push(`${answer.status}: ${answer.text}`);
    }
  }

  /** Nothing missing in between, nothing of anybody else, and never back to what was before. */
  private look({ messages }: Page, newest: number): number {
    this.read++;
    const seqs = messages.map(({ seq }) => seq);
    const last = seqs.at(-1) ?? 0;
    const isWhole = seqs.every((seq, index) => seq === last - (seqs.length - 1 - index));
    const strange = messages.filter(({ content }) => !this.senders.hasWritten(content));
    if (!isWhole || last < newest || strange.length > 0) {
      this.wrong.push(`${seqs.join()} after ${newest}, not written here: ${JSON.stringify(strange)}`);
    }
    return last;
  }
}
