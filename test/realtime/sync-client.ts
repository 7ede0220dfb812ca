import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterEach, expect } from 'vitest';
import type { TestApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { portOf, tokenOf } from './client.js';
import { checkFrame } from './frame-check.js';

export type SyncFrame = Record<string, any> & { type: 'hello' | 'sync' | 'focus' | 'drain' };

/** A client of tidings.v2, which acknowledges each frame by default, and checks all by asyncapi.json. */
export class SyncClient {
  readonly frames: SyncFrame[] = [];
  acknowledges = true;
  onSync?: (frame: SyncFrame) => void;
  closed?: number;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as SyncFrame;
      checkFrame('sendFrames', frame);
      this.frames.push(frame);
      if (frame.type !== 'sync') return;
      this.onSync?.(frame);
      if (this.acknowledges) this.send({ type: 'ack', n: frame['n'] as number });
    });
    socket.on('close', (code) => (this.closed = code));
    socket.on('error', () => undefined);
  }

  /** Once it is greeted. */
  static async open(...given: Parameters<typeof SyncClient.dial>): Promise<SyncClient> {
    const client = await SyncClient.dial(...given);
    await expect.poll(() => client.frames[0]?.type, { timeout: 10_000, interval: 2 }).toBe('hello');
    return client;
  }

  static async dial(
    api: TestApi,
    member: TestMember,
    { cursor, threads, lifetime }: { cursor?: string; threads?: string[]; lifetime?: string } = {},
  ): Promise<SyncClient> {
    const query = new URLSearchParams({
      ...(cursor && { cursor }),
      ...(threads && { threads: threads.join() }),
    });
    const token = await tokenOf(api, member, lifetime);
    const socket = new WebSocket(`ws://127.0.0.1:${portOf(api)}/api/v1/realtime?${query.toString()}`, [
      'tidings.v2',
      token,
    ]);
    const client = new SyncClient(socket);
    await once(socket, 'open');
    return client;
  }

  get syncs(): SyncFrame[] {
    return this.frames.filter(({ type }) => type === 'sync');
  }

  /** All rows of a list in the frames so far, whose fields a test compares: any, because lists differ. */
  all = (list: string): any[] => this.syncs.flatMap((frame) => frame[list] as any[]);

  /** A string is sent as it is. */
  send = (frame: { type: string; [field: string]: unknown } | string): void => {
    if (typeof frame !== 'string') checkFrame('receiveFrames', frame);
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  };

  /** Until the server has confirmed it. */
  async focus(...threads: string[]): Promise<void> {
    const confirmed = () => this.frames.filter(({ type }) => type === 'focus').length;
    const before = confirmed();
    this.send({ type: 'focus', threads });
    await expect.poll(confirmed, { timeout: 10_000, interval: 2 }).toBe(before + 1);
  }

  expectClosed = (code: number, timeout = 10_000) =>
    expect.poll(() => this.closed, { timeout, interval: 5 }).toBe(code);
}

/** Connects people, and disconnects them after each test. */
export function useSyncClients(api: TestApi) {
  let open: SyncClient[] = [];
  afterEach(() => {
    for (const { socket } of open) socket.terminate();
    open = [];
  });
  return async (
    ...[who, given]: [TestMember, Parameters<typeof SyncClient.open>[2]?]
  ): Promise<SyncClient> => {
    const client = await SyncClient.open(api, who, given);
    open.push(client);
    return client;
  };
}
