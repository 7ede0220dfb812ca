import { once } from 'node:events';
import { type IncomingHttpHeaders, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll } from 'vitest';

export interface Received {
  headers: IncomingHttpHeaders;
  text: string;
  body: any;
}

export type Behaviour = (response: ServerResponse, received: Received) => void;

export const answers =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end();

export const hangs: Behaviour = () => undefined;

/** A real server that is sent webhooks, and does with them what a test wants. */
export class Receiver {
  readonly received: Received[] = [];
  connections = 0;
  private readonly server: Server;

  constructor(public behaviour: Behaviour = answers(204)) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const received = { headers: request.headers, text, body: JSON.parse(text) };
        this.received.push(received);
        this.behaviour(response, received);
      });
    });
    this.server.on('connection', () => void this.connections++);
  }

  async start(host = '127.0.0.1'): Promise<this> {
    this.server.listen(0, host);
    await once(this.server, 'listening');
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  get titles(): string[] {
    return this.received.map(({ body }) => body.data.title as string);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Starts receivers for the tests of a file. */
export function useReceivers(): (behaviour?: Behaviour) => Promise<Receiver> {
  const started: Receiver[] = [];
  afterAll(() => Promise.all(started.map((receiver) => receiver.stop())));
  return async (behaviour) => {
    const receiver = await new Receiver(behaviour).start();
    started.push(receiver);
    return receiver;
  };
}

/** As a receiver would, with the library of the standard. */
export const verify = ({ text, headers }: Received, secret: string): any =>
  new Webhook(secret).verify(text, headers as Record<string, string>);
