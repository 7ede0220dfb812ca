import { createTidings, type Tidings } from '@tidings/client';
import { WebSocket } from 'ws';
import type { TestApi } from '../support/api.js';
import type { Person } from '../support/people.js';
import { portOf, tokenOf } from '../realtime/client.js';

/** One client of a person, whose connections the test can cut and whose responses it can lose. */
export class Device {
  readonly tidings: Tidings;
  /** Requests that the server handles and the client does not learn of. */
  losesResponses = false;
  private readonly sockets = new Set<WebSocket>();
  private cursor?: string;
  private readonly stops: (() => void)[] = [];

  constructor(api: TestApi, person: Person, { polls = false }: { polls?: boolean } = {}) {
    const { sockets } = this;
    const onCursor = (cursor: string) => (this.cursor = cursor);
    class TestSocket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.add(this);
        this.on('close', () => sockets.delete(this));
        this.on('message', (data: Buffer) => {
          const { cursor } = JSON.parse(data.toString()) as { cursor?: string };
          if (cursor) onCursor(cursor);
        });
      }
    }
    this.tidings = createTidings({
      url: `http://127.0.0.1:${portOf(api)}`,
      getToken: () => tokenOf(api, person),
      WebSocket: polls ? null : TestSocket,
      fetch: async (...call) => {
        const response = await fetch(...call);
        if (!this.losesResponses || call[1]?.method === 'GET') return response;
        this.losesResponses = false;
        throw new TypeError('the response was lost');
      },
    });
  }

  /** Subscribes to everything, as a page that shows all of it. */
  show(threads: string[]): void {
    const { store } = this.tidings;
    const lists = [store.threads, store.archivedThreads, store.counts, store.feed, store.preferences];
    const opened = threads.flatMap((id) => [store.messages(id), store.marks(id)]);
    for (const slice of [...lists, ...opened]) this.stops.push(slice.subscribe(() => undefined));
  }

  cut(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  /** As if the server no longer knew what changed. */
  reset(): void {
    const frame = { type: 'sync', n: 0, cursor: this.cursor, reset: true };
    const open = [...this.sockets].filter(({ readyState }) => readyState === WebSocket.OPEN);
    for (const socket of open) socket.emit('message', Buffer.from(JSON.stringify(frame)), false);
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.tidings.close();
  }
}
