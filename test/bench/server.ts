import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NODE_ARGUMENTS } from '../support/node-arguments.ts';
import { type Answer, HttpConnection, type Request, bytesOf } from './http-connection.ts';

const ROOT = new URL('../../', import.meta.url);

/** Longer than a server needs to finish what it has begun. */
const STOP_MILLISECONDS = 15_000;

/** The built server as its users run it, in a process of its own. */
export class Server {
  readonly process: ChildProcess;
  /** Without a trailing slash. */
  port = 0;
  private output = '';

  /** What is preloaded, a script beside this one, may look into the server or add to it. */
  constructor(environment: Record<string, string>, preload?: string) {
    const preloaded = preload === undefined ? [] : ['--import', new URL(preload, import.meta.url).href];
    this.process = spawn(
      process.execPath,
      [...NODE_ARGUMENTS, ...preloaded, fileURLToPath(new URL('dist/apps/api/main.js', ROOT))],
      {
        // No .env is read in there.
        cwd: fileURLToPath(new URL('dist/', ROOT)),
        env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ...environment },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        serialization: 'advanced',
      },
    );
    this.process.stdout!.on('data', (text: Buffer) => (this.output += text.toString()));
    this.process.stderr!.on('data', (text: Buffer) => (this.output += text.toString()));
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** What it has logged: at this level, what went wrong. */
  get logged(): string {
    return this.output;
  }

  async ready(): Promise<this> {
    this.port = Number(await this.printed(/http:\/\/localhost:(\d+)\/docs/));
    // What it says of its configuration is no complaint of what it is about to do.
    this.output = '';
    const { status } = await this.send({ method: 'GET', path: '/health/ready', headers: {} });
    if (status !== 200) throw new Error(`It serves and is not ready: ${status}.`);
    return this;
  }

  async send(request: Request): Promise<Answer> {
    const connection = new HttpConnection(this.port);
    try {
      return await connection.send(bytesOf(request));
    } finally {
      connection.close();
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_MILLISECONDS);
    // Like Ctrl-C, after which nobody is waited for who might still come.
    this.process.kill('SIGINT');
    await ended;
    clearTimeout(timer);
  }

  private printed(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.output);
        if (match) resolve(match[1]!);
      };
      this.process.stdout!.on('data', look);
      this.process.once('exit', () => reject(new Error(`The server did not start: ${this.output}`)));
    });
  }
}
