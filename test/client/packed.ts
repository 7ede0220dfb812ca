import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';

export const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const APPS = fileURLToPath(new URL('apps', import.meta.url));

/** The manifest of a package in node_modules of this project. */
export const manifestOf = async (name: string): Promise<Record<string, any>> =>
  JSON.parse(await readFile(`${ROOT}node_modules/${name}/package.json`, 'utf8'));

/** What `npm publish` would publish. */
export interface Tarball {
  path: string;
  files: string[];
}

/** A temporary folder with the packed client, and apps that install it. */
export class PackedClient {
  readonly tarball: Tarball = { path: '', files: [] };
  private folder = '';

  async pack(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'tidings-packed-'));
    const { stdout } = await run('npm', ['pack', '--pack-destination', this.folder, '--json', '--silent'], {
      cwd: await this.copySources(),
    });
    const [packed] = Object.values(JSON.parse(stdout)) as { filename: string; files: { path: string }[] }[];
    this.tarball.path = join(this.folder, packed!.filename);
    this.tarball.files = packed!.files.map(({ path }) => path);
  }

  /** Copies an app into a folder of its own, and installs it there with the client and nothing else of this project. */
  async install(app: string, devDependencies: Record<string, string> = {}): Promise<string> {
    const folder = await mkdtemp(join(this.folder, `${app}-`));
    await cp(join(APPS, app), folder, { recursive: true });
    const dependencies = { '@tidings/client': `file:${this.tarball.path}` };
    const manifest = { private: true, type: 'module', dependencies, devDependencies };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=1'], {
      cwd: folder,
    });
    return folder;
  }

  /** Packing builds anew, while other tests use what is built. */
  private async copySources(): Promise<string> {
    const project = join(this.folder, 'project');
    const client = join(project, 'packages/client');
    await cp(join(ROOT, 'packages/client'), client, { recursive: true });
    await cp(join(ROOT, 'tsconfig.json'), join(project, 'tsconfig.json'));
    await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    return client;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Packs the client for the tests of a file. */
export function usePackedClient(): PackedClient {
  const packed = new PackedClient();
  beforeAll(() => packed.pack());
  afterAll(() => packed.remove());
  return packed;
}

/** npm's codes for a registry that cannot be reached. */
export const isOffline = (error: unknown): boolean =>
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/.test(
    (error as { stderr?: string }).stderr ?? '',
  );
