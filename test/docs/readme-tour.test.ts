import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { useProcesses } from '../start/processes.js';
import { canRunWith } from '../support/requirements.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOCAL_API = 'http://localhost:3000/api/v1';

const processes = useProcesses();

interface Step {
  commands: string;
  /** The JSON that README shows below the commands, if it shows any. */
  response?: unknown;
}

async function tour(): Promise<Step[]> {
  const readme = await readFile(`${ROOT}README.md`, 'utf8');
  const [, section] = /^## A tour$([\s\S]*?)^## /m.exec(readme)!;
  const blocks = [...section!.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const steps: Step[] = [];
  for (const [, language, text] of blocks) {
    if (language === 'sh') steps.push({ commands: text! });
    else steps.at(-1)!.response = JSON.parse(text!);
  }
  return steps;
}

/** Interactive shells, as a person has them who pastes: zsh then takes no comments and expands ! and ? by itself. */
const SHELLS: Record<string, string[]> = {
  bash: ['--norc', '--noprofile', '--noediting', '-i', '-s'],
  zsh: ['-f', '-i', '-s'],
};

const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

const usable = Object.keys(SHELLS).filter((shell) => canRunWith(isInstalled(shell)));

const END = '--- end of step ---';

/** Pastes all steps into one shell. Returns what each printed, and what the shell complained about. */
async function paste(shell: string, steps: string[]): Promise<{ outputs: string[]; errors: string }> {
  // A session of its own, so that the shell finds no terminal.
  const child = spawn(shell, SHELLS[shell], {
    cwd: ROOT,
    detached: true,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', PS1: '', PS2: '', HISTFILE: '' },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const ended = once(child, 'close');
  child.stdin.end(steps.map((step) => `${step}\nprintf '%s\\n' '${END}'\n`).join(''));
  await ended;
  return { outputs: output.split(END).slice(0, -1), errors };
}

/** The documented JSON leaves out fields and list entries, and writes … for values that differ. */
function expectShown(documented: unknown, actual: unknown, path: string): void {
  if (typeof documented === 'string' && documented.endsWith('…')) {
    expect(String(actual), path).toMatch(new RegExp(`^${documented.slice(0, -1)}.`));
  } else if (Array.isArray(documented)) {
    expect(Array.isArray(actual), path).toBe(true);
    for (const [at, entry] of documented.entries())
      expectShown(entry, (actual as unknown[])[at], `${path}[${at}]`);
    if (documented.length === 0) expect(actual, path).toEqual([]);
  } else if (typeof documented === 'object' && documented !== null) {
    for (const [name, value] of Object.entries(documented)) {
      expect(actual, path).toHaveProperty([name]);
      expectShown(value, (actual as Record<string, unknown>)[name], `${path}.${name}`);
    }
  } else expect(actual, path).toEqual(documented);
}

/** Of several commands, one in the background can print before another: what is documented is one of their responses. */
function expectOneShown(documented: unknown, lines: string[], path: string): void {
  for (const [at, line] of lines.entries()) {
    try {
      return expectShown(documented, JSON.parse(line), path);
    } catch (error) {
      if (at === lines.length - 1) throw error;
    }
  }
}

describe.each(usable)('the tour of README, pasted into %s', (shell) => {
  it('gets the responses that README shows, without a shell error', { timeout: 180_000 }, async () => {
    const server = await processes.serve({
      DATABASE_URL: (await processes.database()).url,
      DATA_DIR: await processes.folder(),
      AUTH_MODE: 'dev',
      DEMO: 'true',
    });
    const steps = await tour();
    expect(steps.length).toBeGreaterThan(10);

    const { outputs, errors } = await paste(
      shell,
      steps.map(({ commands }) => commands.replace(LOCAL_API, `http://127.0.0.1:${server.port}/api/v1`)),
    );

    expect(errors).not.toMatch(/not found|no matches|parse error|syntax error|unexpected|Error/i);
    expect(outputs).toHaveLength(steps.length);
    for (const [at, { commands, response }] of steps.entries()) {
      if (response === undefined) continue;
      const lines = outputs[at]!.split('\n').filter((line) => line.startsWith('{'));
      expect(lines, `the responses to\n${commands}`).not.toEqual([]);
      expectOneShown(response, lines, `response to\n${commands}`);
    }
  });
});

it('the tour of README has no comments, because an interactive zsh would run them', async () => {
  for (const { commands } of await tour()) expect(commands).not.toMatch(/^\s*#|\s#\s/m);
});
