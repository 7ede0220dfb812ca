import { spawn } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, RunningProcess } from '../support/process.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A checkout whose scripts are those of package.json. Only the build is left out of them, since other tests run what
 * is built, and there is no .env of whoever runs the tests.
 */
export async function checkout(folder: string): Promise<string> {
  for (const name of ['dist', 'node_modules']) await symlink(join(ROOT, name), join(folder, name));
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  manifest.scripts['build'] = 'true';
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await cp(join(ROOT, 'docs'), join(folder, 'docs'), { recursive: true });
  return folder;
}

/** The command of a unit in docs/operations.md, whose folder is this checkout. */
export async function execStart(folder: string, program: string): Promise<string> {
  const guide = await readFile(join(folder, 'docs', 'operations.md'), 'utf8');
  const [, command] = new RegExp(`^ExecStart=(.* dist/apps/${program}/main.js)$`, 'm').exec(guide) ?? [];
  return command!.replaceAll('/opt/tidings', folder);
}

/** What a supervisor starts: a command in a process group of its own, or as the first process of a namespace. */
export class DocumentedCommand extends RunningProcess {
  constructor(
    folder: string,
    command: string,
    environment: Environment,
    private readonly isFirst: boolean,
  ) {
    const [program, ...args] = [...(isFirst ? NAMESPACE : []), ...command.split(' ')];
    super(
      spawn(program!, args, {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          npm_config_update_notifier: 'false',
          HOST: '127.0.0.1',
          PORT: '0',
          ...environment,
        },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  }

  /** The process that a supervisor knows: unshare waits outside of the namespace for the first one inside. */
  async main(): Promise<number> {
    if (!this.isFirst) return this.pid;
    return Number(await readFile(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8'));
  }

  hasProcesses(): boolean {
    try {
      return process.kill(-this.pid, 0);
    } catch {
      return false;
    }
  }

  /** Also those that have outlived the process that was started. */
  override kill(signal: NodeJS.Signals) {
    if (this.hasProcesses()) process.kill(-this.pid, signal);
    return this.ending;
  }
}

export const NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
