import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Model, type Reader, type Row } from '../realtime/changes-model.js';
import { anyOf } from '../realtime/random-changes.js';
import type { Server } from '../support/process.js';
import type { Townsman } from './town.js';

/** Clients come back within this time, not all at once. */
const MAX_RECONNECT_MILLISECONDS = 200;
/** So long a request for changes waits. */
const WAIT_SECONDS = 25;

/** The processes that serve now. */
export type Servers = () => Server[];

/** What no client should ever see. */
export const wrong: string[] = [];

/** Reads from any process, and from another one if that is killed meanwhile. */
export const readerOf = (servers: Servers, { headers }: Townsman): Reader => ({
  get: async (path) => {
    for (;;) {
      const answer = await anyOf(servers())
        .send('GET', `/api/v1/${path}`, headers)
        .catch(() => undefined);
      if (answer && answer.status < 500) return answer;
      if (answer && answer.status !== 503) wrong.push(`GET ${path}: ${answer.status} ${answer.text}`);
      await delay(Math.random() * MAX_RECONNECT_MILLISECONDS);
    }
  },
});

/**
 * A client that follows what changes over one connection at a time. When that ends, it connects to any process, with the
 * cursor of what it applied last.
 */
export abstract class LiveClient {
  connections = 0;
  readonly model: Model;
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    protected readonly person: Townsman,
    shown: string[],
    private readonly servers: Servers,
  ) {
    this.model = new Model(readerOf(servers, person), shown);
  }

  async start(): Promise<void> {
    await this.model.load();
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.disconnect();
    await this.running;
  }

  /** Without a word to the server. */
  abstract disconnect(): void;

  /** Follows from the cursor of the model until the connection ends. Nothing is applied after that. */
  protected abstract follow(server: Server): Promise<void>;

  private async run(): Promise<void> {
    while (!this.isStopped) {
      this.connections++;
      await this.follow(anyOf(this.servers()));
      await delay(Math.random() * MAX_RECONNECT_MILLISECONDS);
    }
  }
}

export class PollingClient extends LiveClient {
  private connection = new AbortController();

  disconnect(): void {
    this.connection.abort();
  }

  protected async follow({ port }: Server): Promise<void> {
    this.connection = new AbortController();
    const { model, person } = this;
    for (;;) {
      const query = `cursor=${model.cursor}&wait=${WAIT_SECONDS}&threads=${model.shown.join()}`;
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/realtime/changes?${query}`, {
        headers: person.headers,
        signal: this.connection.signal,
      })
        .then(async (response) => ({ status: response.status, body: (await response.json()) as Row }))
        .catch(() => undefined);
      if (!answer) return;
      if (answer.status === 200) await model.take(answer.body);
      else if (answer.status === 503) return;
      else wrong.push(`changes: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  }
}

export class SocketClient extends LiveClient {
  private socket?: WebSocket;

  disconnect(): void {
    this.socket?.terminate();
  }

  protected async follow({ port }: Server): Promise<void> {
    const { model, person } = this;
    const query = `cursor=${model.cursor}&threads=${model.shown.join()}`;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/realtime?${query}`, 'tidings.v2', {
      headers: person.headers,
    });
    this.socket = socket;
    const take = this.taking(socket);
    let applied: Promise<void> = Promise.resolve();
    socket.on('message', (data: Buffer) => {
      applied = applied.then(() => take(JSON.parse(data.toString()) as Row));
    });
    socket.on('error', () => undefined);
    const code = await new Promise<number>((resolve) => socket.once('close', resolve));
    if (![1001, 1006].includes(code)) wrong.push(`closed with ${code}`);
    await applied;
  }

  private taking(socket: WebSocket): (frame: Row) => Promise<void> {
    let taken = 0;
    let shown: unknown;
    return async (frame) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (frame['type'] === 'focus') shown = frame['threads'];
      if (frame['type'] !== 'sync') return;
      if (JSON.stringify(shown) !== JSON.stringify(this.model.shown))
        wrong.push(`a focus on ${String(shown)}`);
      if (frame['n'] !== ++taken) wrong.push(`frame ${frame['n']} instead of ${taken}`);
      await this.model.take(frame);
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'ack', n: taken }));
    };
  }
}

/** Reads server-sent events, as fetch returns them. */
export class StreamClient extends LiveClient {
  private connection = new AbortController();

  disconnect(): void {
    this.connection.abort();
  }

  protected async follow({ port }: Server): Promise<void> {
    this.connection = new AbortController();
    const { model, person } = this;
    const { signal } = this.connection;
    const query = `cursor=${model.cursor}&threads=${model.shown.join()}`;
    const headers = { ...person.headers, Accept: 'text/event-stream' };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/realtime/stream?${query}`, {
      headers,
      signal,
    })
      .then((response) => response)
      .catch(() => undefined);
    if (!answer) return;
    if (answer.status !== 200 && answer.status !== 503) wrong.push(`stream: ${answer.status}`);
    if (answer.status !== 200) return;
    try {
      let rest = '';
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
        const events = (rest + chunk).split('\n\n');
        rest = events.pop()!;
        for (const event of events) await this.take(event);
      }
    } catch {
      // The connection has ended.
    }
  }

  private async take(event: string): Promise<void> {
    const [, data] = /^data: (.*)$/m.exec(event) ?? [];
    if (data === undefined || this.connection.signal.aborted) return;
    const frame = JSON.parse(data) as Row;
    if (frame['type'] === 'end') wrong.push(`the stream ended: ${data}`);
    if (frame['type'] === 'sync') await this.model.take(frame);
  }
}
