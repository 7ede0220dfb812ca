import type { ClientFrame, ServerFrame } from '../generated/types.gen.js';

/**
 * What the client needs of a WebSocket: that of browsers, Node, React Native and the package ws have it.
 *
 * @example
 * import { WebSocket } from 'ws';
 * const tidings = createTidings({ url, getToken, WebSocket });
 */
export type SocketClass = new (url: string, protocols: string[]) => SocketLike;

/**
 * A WebSocket, as far as the client needs it.
 *
 * @example
 * const socket: SocketLike = new WebSocket(url, protocols);
 */
export interface SocketLike {
  addEventListener(type: 'message' | 'close' | 'error', listener: (event: object) => void): void;
  send(data: string): void;
  close(): void;
}

/** How a connection ended. */
export interface Closed {
  code: number;
  /** Whether it was ever open. */
  wasOpen: boolean;
  /** The server asked to come back after this time. */
  drainMilliseconds?: number;
}

const HELLO_MILLISECONDS = 10_000;
/** The server sends nothing while nothing happens: then it is asked whether it is still there. */
const IDLE_MILLISECONDS = 45_000;
const ANSWER_MILLISECONDS = 10_000;
/** The server accepts 10 frames in a second. */
const FOCUS_MILLISECONDS = 150;

/** One connection by the protocol tidings.v2. */
export class LiveSocket {
  readonly closed: Promise<Closed>;
  #end!: (closed: Closed) => void;
  readonly #socket: SocketLike;
  #wasOpen = false;
  #drainMilliseconds?: number;
  #isAsked = false;
  #silence?: ReturnType<typeof setTimeout>;
  #focusing?: ReturnType<typeof setTimeout>;
  #focusedAt = 0;
  /** What the server was asked for last. */
  #asked: string[];

  constructor(
    WebSocket: SocketClass,
    url: string,
    token: string,
    private readonly focused: () => string[],
    private readonly onFrame: (frame: ServerFrame) => void,
  ) {
    this.closed = new Promise((resolve) => (this.#end = resolve));
    // The URL has them.
    this.#asked = focused();
    this.#socket = new WebSocket(url, ['tidings.v2', token]);
    this.#socket.addEventListener('message', (event) =>
      this.#receive(String((event as { data: unknown }).data)),
    );
    this.#socket.addEventListener('close', (event) => this.#finish((event as { code: number }).code));
    this.#socket.addEventListener('error', () => this.#finish(1006));
    this.#expectFrame(HELLO_MILLISECONDS);
  }

  /** Sends what is shown, after a moment: several changes at once become one frame. */
  focus(): void {
    const pause = this.#focusedAt + FOCUS_MILLISECONDS - Date.now();
    if (this.#wasOpen) this.#focusing ??= setTimeout(() => this.#sendFocus(), Math.max(0, pause));
  }

  /** Is the server still there? It returns the focus that it gets. */
  check(): void {
    if (!this.#wasOpen || this.#isAsked) return;
    this.#isAsked = true;
    this.#sendFocus();
    this.#expectFrame(ANSWER_MILLISECONDS);
  }

  /** Does not wait for the server to agree, which may be gone. */
  close(code = 1000): void {
    this.#finish(code);
  }

  /** Does nothing unless the connection is open. */
  send(frame: ClientFrame): void {
    if (this.#wasOpen && !this.#isFinished) this.#socket.send(JSON.stringify(frame));
  }

  #receive(text: string): void {
    if (this.#isFinished) return;
    const frame = JSON.parse(text) as ServerFrame;
    this.#isAsked = false;
    this.#expectFrame(IDLE_MILLISECONDS);
    if (frame.type === 'hello') {
      this.#wasOpen = true;
      if (this.focused() !== this.#asked) this.#sendFocus();
    }
    if (frame.type === 'drain') this.#drainMilliseconds = frame.in_ms;
    this.onFrame(frame);
    if (frame.type === 'sync') this.send({ type: 'ack', n: frame.n });
  }

  #sendFocus(): void {
    clearTimeout(this.#focusing);
    this.#focusing = undefined;
    this.#focusedAt = Date.now();
    this.#asked = this.focused();
    this.send({ type: 'focus', threads: this.#asked });
  }

  #expectFrame(milliseconds: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(
      () => (this.#wasOpen && !this.#isAsked ? this.check() : this.#finish(1006)),
      milliseconds,
    );
  }

  #isFinished = false;

  #finish(code: number): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    clearTimeout(this.#silence);
    clearTimeout(this.#focusing);
    this.#socket.close();
    this.#end({ code, wasOpen: this.#wasOpen, drainMilliseconds: this.#drainMilliseconds });
  }
}
