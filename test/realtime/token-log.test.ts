import { once } from 'node:events';
import { SignJWT } from 'jose';
import { expect, it, vi } from 'vitest';
import { SyncService } from '#realtime';
import { TEST_CONFIG, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { dial, portOf, tokenOf } from './client.js';
import { StreamClient } from './stream-client.js';

const api = useApi({ logLevel: 'trace' });

async function expiredToken({ id, organization }: TestMember): Promise<string> {
  const { secret } = TEST_CONFIG.authentication as { secret: string };
  return new SignJWT({ org: organization.id })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setExpirationTime('-2 minutes')
    .sign(new TextEncoder().encode(secret));
}

/** All that the process prints while it works, and logs. */
async function printedDuring(work: () => Promise<unknown>): Promise<string> {
  const printed: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0),
  );
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return [...printed, ...api.logged].join('\n');
}

/** Opens a WebSocket, sends a frame that is no frame, and waits until it is closed or refused. */
async function trySocket(given: { protocols?: string[]; headers?: Record<string, string>; path?: string }) {
  const socket = dial(portOf(api), given);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.on('open', () => {
    socket.send('{');
    setTimeout(() => socket.close(), 50);
  });
  await closed;
}

async function tryStream(token: string, lastEventId?: string): Promise<void> {
  const client = await StreamClient.open(api, token, { lastEventId });
  await once(client.response, 'data');
  client.drop();
}

it('never logs or prints a token or its signature, whatever the transport and whatever goes wrong', async () => {
  const bob = await api.build.member();
  const good = await tokenOf(api, bob);
  const tokens = [good, await expiredToken(bob), `${good.slice(0, -8)}AAAAAAAA`, `${good}.more`];
  const warned = () => api.logged.filter((line) => line.includes('Reading changes failed')).length;
  const text = await printedDuring(async () => {
    for (const token of tokens) {
      const headers = { Authorization: `Bearer ${token}` };
      const client = api.withToken(token);
      await Promise.all([
        trySocket({ protocols: ['tidings', token] }),
        trySocket({ protocols: ['tidings.v2', token] }),
        trySocket({ protocols: ['tidings.v2', token], path: '/api/v1/realtime?cursor=x' }),
        trySocket({ headers }),
        tryStream(token),
        tryStream(token, 'x'),
        client.get('realtime/changes'),
        client.get('realtime/changes?cursor=x'),
        // Not accepted there, but somebody may send it.
        api.anybody.get(`realtime/stream?token=${token}`),
        trySocket({ path: `/api/v1/realtime?access_token=${token}` }),
      ]);
    }
    vi.spyOn(api.app.get(SyncService), 'since').mockRejectedValueOnce(new Error('Connection lost'));
    await tryStream(good);
    await expect.poll(warned).toBe(1);
  });
  expect(text).toContain('"route":"/api/v1/realtime/stream"');
  expect(text).toContain('"status":401');
  const parts = tokens.flatMap((token) => [token, token.split('.')[2]!]);
  expect(parts.filter((part) => text.includes(part))).toEqual([]);
});
