import { type Socket, connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { useApi } from '../support/api.js';
import { portOf } from '../realtime/client.js';

const api = useApi();

const SOCKETS = 150;
const MAX_SLOW = 100;

it('ends the oldest slow bodies of an address beyond 100 within seconds, and keeps the others', async () => {
  const slow = Array.from({ length: SOCKETS }, openSlowBody);
  const ended = () => slow.filter(({ received }) => received !== '');
  // Within 2 s on a quiet machine, and without the limit never before 13 s.
  await expect.poll(() => ended().length, { timeout: 10_000 }).toBe(SOCKETS - MAX_SLOW);
  for (const { received } of ended()) expect(received).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);

  const kept = slow.filter(({ received }) => received === '');
  for (const { socket } of kept) socket.write('}');
  await expect.poll(() => kept.every(({ received }) => received !== '')).toBe(true);
  for (const { received } of kept) expect(received).toMatch(/^HTTP\/1\.1 401 /);
});

interface SlowBody {
  socket: Socket;
  received: string;
}

/** The last byte of its body is missing. */
function openSlowBody(): SlowBody {
  const socket = connect(portOf(api), '127.0.0.1');
  const slow = { socket, received: '' };
  socket.on('data', (data: Buffer) => (slow.received += data.toString()));
  socket.on('error', () => undefined);
  socket.write(
    'POST /api/v1/messages/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{',
  );
  onTestFinished(() => void socket.destroy());
  return slow;
}
