import { type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { expect } from 'vitest';
import type { TestApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { portOf, tokenOf } from './client.js';
import { checkFrame } from './frame-check.js';
import type { SyncFrame } from './sync-client.js';

export interface Streaming {
  cursor?: string;
  threads?: string;
  lastEventId?: string;
  lifetime?: string;
  headers?: Record<string, string>;
}

/** A client of GET /realtime/stream, which reads events as the standard says, and checks frames by asyncapi.json. */
export class StreamClient {
  readonly frames: SyncFrame[] = [];
  text = '';
  lastEventId = '';
  retry?: number;
  comments = 0;
  isOver = false;
  private rest = '';

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.read(chunk));
    response.on('error', () => undefined);
    response.on('close', () => (this.isOver = true));
  }

  static async open(api: Pick<TestApi, 'app'>, token: string, given: Streaming = {}): Promise<StreamClient> {
    const { cursor, threads, lastEventId, headers } = given;
    const query = new URLSearchParams({ ...(cursor && { cursor }), ...(threads && { threads }) });
    const outgoing = request({
      host: '127.0.0.1',
      port: portOf(api),
      path: `/api/v1/realtime/stream?${query.toString()}`,
      headers: {
        Accept: 'text/event-stream',
        Authorization: `Bearer ${token}`,
        ...(lastEventId && { 'Last-Event-ID': lastEventId }),
        ...headers,
      },
    });
    outgoing.on('error', () => undefined).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return new StreamClient(response);
  }

  /** Until the first frame has come. */
  static async connect(api: TestApi, member: TestMember, given: Streaming = {}): Promise<StreamClient> {
    const client = await StreamClient.open(api, await tokenOf(api, member, given.lifetime), given);
    await expect.poll(() => client.frames.length, { timeout: 10_000, interval: 2 }).toBeGreaterThan(0);
    return client;
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  get syncs(): SyncFrame[] {
    return this.frames.filter(({ type }) => type === 'sync');
  }

  /** All rows of a list in the frames so far, whose fields a test compares: any, because lists differ. */
  all = (list: string): any[] => this.syncs.flatMap((frame) => frame[list] as any[]);

  drop = (): void => void this.response.destroy();

  private read(chunk: string): void {
    this.text += chunk;
    const events = (this.rest + chunk).split('\n\n');
    this.rest = events.pop()!;
    for (const event of events) {
      for (const line of event.split('\n')) this.take(line);
    }
  }

  private take(line: string): void {
    const [name, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)];
    if (name === '') this.comments++;
    else if (name === 'id') this.lastEventId = value;
    else if (name === 'retry') this.retry = Number(value);
    else if (name === 'data') this.receive(JSON.parse(value) as SyncFrame);
    else throw new Error(`Not a field: ${line}`);
  }

  private receive(frame: SyncFrame): void {
    checkFrame('sendEvents', frame);
    this.frames.push(frame);
  }
}
