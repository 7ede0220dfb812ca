import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REDOCLY = 'node_modules/@redocly/cli/bin/cli.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidings-lint-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** The problems that Redocly finds by the rules of redocly.yaml. */
async function lint(file: string): Promise<{ ruleId: string; message: string; location: unknown }[]> {
  const args = [
    REDOCLY,
    'lint',
    file,
    '--config',
    'redocly.yaml',
    '--format',
    'json',
    '--max-problems',
    '50',
  ];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const printed = await new Promise<string>((done) => {
    // Redocly exits with 1 where it finds problems, which is no failure of the command.
    execFile(process.execPath, args, { env, maxBuffer: 1e8 }, (_error, stdout, stderr) => {
      done(stdout || stderr);
    });
  });
  const { problems } = JSON.parse(printed) as {
    problems: { ruleId: string; message: string; location: { pointer?: string }[] }[];
  };
  return problems.map(({ ruleId, message, location }) => ({
    ruleId,
    message,
    location: location[0]?.pointer,
  }));
}

describe('the OpenAPI linter', () => {
  it('finds nothing in openapi.json', async () => {
    expect(await lint('openapi.json')).toEqual([]);
  });

  it('finds an operation without an id, a broken reference and a new ambiguous path', async () => {
    const text = await readFile('openapi.json', 'utf8');
    const broken = text
      .replace(/\n *"operationId": "getMe",/, '')
      .replace('#/components/schemas/Problem', '#/components/schemas/Nothing')
      .replace('/notifications/{id}/explanation', '/notifications/{id}/reasons');
    const file = join(folder, 'broken.json');
    await writeFile(file, broken);
    const rules = (await lint(file)).map(({ ruleId }) => ruleId);
    expect(rules).toEqual(
      expect.arrayContaining(['operation-operationId', 'no-unresolved-refs', 'no-ambiguous-paths']),
    );
  });
});
