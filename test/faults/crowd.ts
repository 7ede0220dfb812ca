import { setTimeout as delay } from 'node:timers/promises';
import { HttpConnection, bytesOf } from '../bench/http-connection.ts';
import type { Town, Townsman } from './town.js';

interface Taken {
  begun: number;
  milliseconds: number;
}

/**
 * Clients who each send a message and look at their inbox, again and again, as fast as they are answered, and wait when
 * they are told to. Over the plain sockets of the bench: with those of Node they would be busier than the server.
 */
export class Crowd {
  readonly accepted: Taken[] = [];
  readonly refused: Taken[] = [];
  readonly wrong: string[] = [];
  private isStopping = false;
  private readonly clients: Promise<void>[];

  constructor(port: number, { people }: Town, size: number) {
    this.clients = Array.from({ length: size }, (_, number) =>
      this.goOn(
        new HttpConnection(port),
        people[number % people.length]!,
        people.filter((_other, at) => at !== number % people.length),
      ),
    );
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.clients);
  }

  private async goOn(connection: HttpConnection, { headers }: Townsman, others: Townsman[]): Promise<void> {
    const look = bytesOf({ method: 'GET', path: '/api/v1/messages/inbox', headers });
    const sends = others.map(({ id }) =>
      bytesOf({
        method: 'POST',
        path: '/api/v1/messages/send',
        headers,
        body: { recipient: id, content: 'hello' },
      }),
    );
    for (let turn = 0; !this.isStopping; turn++) {
      const send = sends[Math.floor(Math.random() * sends.length)]!;
      const begun = performance.now();
      const { status, head, body } = await connection.send(turn % 2 === 0 ? send : look);
      const taken = { begun, milliseconds: performance.now() - begun };
      const after = Number(/\r\nretry-after: (\d+)/i.exec(head)?.[1]);
      if ([200, 201].includes(status)) this.accepted.push(taken);
      else if ([429, 503].includes(status) && after >= 1) {
        this.refused.push(taken);
        // Not all of them at the same moment.
        await delay(after * 1000 * (0.5 + Math.random() / 2));
      } else this.wrong.push(`${status}, Retry-After ${after}: ${body}`);
    }
    connection.close();
  }
}
