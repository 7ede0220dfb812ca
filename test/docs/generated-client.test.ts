import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What a user of generated types writes. Each @ts-expect-error is an error that the types have to find. */
const CLIENT = `
import type { GetThreadResponse, ListThreadsData, SendMessageError, UpdatePreferencesData } from './types.gen.js';

export const patch: UpdatePreferencesData['body'] = {
  channels: null,
  types: { MESSAGE: null, BILLING: { email: 'daily', web_push: null } },
  quiet_hours: null,
  paused_until: null,
};

export const labelOf = (thread: GetThreadResponse): string | null => thread.context?.label ?? null;
export const previewOf = (thread: GetThreadResponse): string | null => thread.last_message?.preview ?? null;
export const mutedUntil = (thread: GetThreadResponse): Date | null =>
  thread.muted_until === null ? null : new Date(thread.muted_until);
export const page: ListThreadsData['query'] = { limit: 50, unread_only: true };
export const isBlocked = ({ code }: SendMessageError): boolean => code === 'blocked_by_you';

// @ts-expect-error A thread may have no context.
export const unsafeLabelOf = (thread: GetThreadResponse) => thread.context.label;
// @ts-expect-error Only e-mail has digests.
export const wrongPatch: UpdatePreferencesData['body'] = { types: { MESSAGE: { in_app: 'hourly' } } };
// @ts-expect-error Sending a message never returns this code.
export const isLocked = ({ code }: SendMessageError): boolean => code === 'preference_locked';
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidings-client-'));
  await createClient({
    input: 'openapi.json',
    output: folder,
    plugins: ['@hey-api/typescript'],
    logs: { level: 'silent' },
  });
});

afterAll(() => rm(folder, { recursive: true }));

/** What the TypeScript compiler prints for a file: nothing where all is well. */
async function compile(source: string): Promise<string> {
  const file = join(folder, 'client.ts');
  await writeFile(file, source);
  const options = ['--noEmit', '--strict', '--ignoreConfig', '--target', 'es2023', '--module', 'nodenext'];
  const args = ['node_modules/typescript-7/bin/tsc', ...options, file];
  return new Promise((done) => {
    // tsc exits with 2 where it finds errors, and prints them.
    execFile(process.execPath, args, (_error, stdout, stderr) => done(stdout + stderr));
  });
}

describe('types generated from openapi.json', () => {
  it('compile, accept null where the server does, and contain the error codes of each operation', async () => {
    expect(await compile(CLIENT)).toBe('');
  });

  it('refuse fields and codes that the document does not have', async () => {
    expect(await compile(CLIENT.replace('paused_until', 'paused_till'))).toContain('paused_till');
  });
});
