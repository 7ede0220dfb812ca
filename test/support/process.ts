import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HttpClient } from './http.js';
import { NODE_ARGUMENTS } from './node-arguments.js';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

/** No .env is read in there, and what the shell of the tests has set does not count. Development, unless a test says otherwise. */
const SURROUNDINGS = {
  cwd: DIST,
  env: {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
  },
};

export type Environment = Record<string, string>;

export interface User {
  uid: number;
  gid: number;
}

/** null unless we are root, and unless nobody may read this project: not where it is in /root, say. */
export function userNobody(): User | null {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = ['-u', '-g'].map((option) => Number(spawnSync('id', [option, 'nobody']).stdout));
  const user = { uid: uid!, gid: gid! };
  return spawnSync(process.execPath, ['--version'], { ...user, cwd: DIST }).status === 0 ? user : null;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A process that a test has started, and what it prints. */
export class RunningProcess {
  readonly ending: Promise<Ending>;
  private stdout = '';
  private stderr = '';

  constructor(protected readonly child: ChildProcess) {
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.once('error', (error) => (this.stderr += error.message));
    this.ending = new Promise((resolve) => {
      this.child.once('close', (code, signal) =>
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits until it has printed this, however many writes that takes. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.stdout);
        if (!match) return;
        // Under load it goes on to print megabytes, which nobody needs to search.
        this.child.stdout!.off('data', look);
        resolve(match);
      };
      this.child.stdout!.on('data', look);
      look();
      void this.ending.then((ending) =>
        reject(new Error(`It ended before it printed ${pattern}: ${JSON.stringify(ending)}`)),
      );
    });
  }

  kill(signal: NodeJS.Signals): Promise<Ending> {
    this.child.kill(signal);
    return this.ending;
  }
}

/** A program of the built server, as a process of its own. */
export class Program extends RunningProcess {
  constructor(script: string, args: string[], environment: Environment, user?: User) {
    super(
      spawn(process.execPath, [...NODE_ARGUMENTS, DIST + script, ...args], {
        ...SURROUNDINGS,
        env: { ...SURROUNDINGS.env, ...environment },
        ...user,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  }
}

/** The server, once it serves. */
export class Server extends Program {
  /** Where it serves. */
  port = 0;
  private client?: HttpClient;

  constructor(environment: Environment, user?: User) {
    super('apps/api/main.js', [], environment, user);
    void this.ending.then(() => this.client?.close());
  }

  async serving(): Promise<this> {
    const [, port] = await this.printed(/"address":"http:\/\/localhost:(\d+)"/);
    this.port = Number(port);
    this.client = new HttpClient(this.port);
    return this;
  }

  send(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
    return this.client!.send({ method, path, headers, body });
  }

  /** The headers of somebody of the demo organization. */
  async signIn(username: string): Promise<Record<string, string>> {
    const { body } = await this.send('POST', '/api/v1/dev/token', {}, { username });
    return { Authorization: `Bearer ${body.access_token}` };
  }
}
