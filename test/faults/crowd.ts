import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from './senders.js';
import type { Town } from './town.js';

interface Taken {
  begun: number;
  milliseconds: number;
}

/** Clients who each send one message after the other, as fast as they are answered, and wait when they are told to. */
export class Crowd {
  readonly accepted: Taken[] = [];
  readonly refused: Taken[] = [];
  readonly wrong: string[] = [];
  private isStopping = false;
  private readonly clients: Promise<void>[];

  constructor(
    private readonly target: Target,
    private readonly town: Town,
    size: number,
  ) {
    this.clients = Array.from({ length: size }, (_, number) => this.goOn(number));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.clients);
  }

  private async goOn(number: number): Promise<void> {
    const { people } = this.town;
    const { headers } = people[number % people.length]!;
    while (!this.isStopping) {
      const recipient =
        people[(number + 1 + Math.floor(Math.random() * (people.length - 1))) % people.length]!;
      const begun = performance.now();
      const answer = await this.target.send('POST', '/api/v1/messages/send', headers, {
        recipient: recipient.id,
        content: 'hello',
      });
      const taken = { begun, milliseconds: performance.now() - begun };
      const after = Number(answer.headers['retry-after']);
      if (answer.status === 201) this.accepted.push(taken);
      else if ([429, 503].includes(answer.status) && after >= 1) {
        this.refused.push(taken);
        // Not all of them at the same moment.
        await delay(after * 1000 * (0.5 + Math.random() / 2));
      } else this.wrong.push(`${answer.status}, Retry-After ${after}: ${answer.text}`);
    }
  }
}
