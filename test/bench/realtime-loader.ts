import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { threadId } from '../support/large.ts';
import { answerJobs } from './child.ts';
import { HttpConnection, bytesOf } from './http-connection.ts';
import { type Load, driveAtRate } from './load.ts';
import { TALKERS, nextOf } from './seeding.ts';

/** Opens sockets of the talkers, evenly over processes, or measures with those that are open, or closes them. */
export type RealtimeJob = { ports: number[] } & (
  { open: number; authorizations: string[] } | { seconds: number; rate: number } | { close: true }
);

const CONNECTIONS = 32;
/** So many handshakes at once. */
const AT_ONCE = 20;
/** Longer than a frame may take that is not lost. */
const PATIENCE_MILLISECONDS = 30_000;

interface Client {
  person: number;
  socket: WebSocket;
}

let clients: Client[] = [];
let authorizations: string[] = [];
/** When each message that has not arrived was due, by its content and the person that it is for. */
const awaited = new Map<string, number>();
let latencies: number[] = [];
let sent = 0;

answerJobs(async (job: RealtimeJob): Promise<Load> => {
  if ('open' in job) {
    ({ authorizations } = job);
    await openAll(job.ports, job.open);
  } else if ('close' in job) {
    for (const { socket } of clients) socket.terminate();
    clients = [];
  } else return measure(job.ports, job.rate, job.seconds);
  return { latencies: new Float64Array(), seconds: 0, failures: {} };
});

async function openAll(ports: number[], count: number): Promise<void> {
  let next = 0;
  const openSome = async () => {
    for (let nth = next++; nth < count; nth = next++) {
      const person = (nth % TALKERS) + 1;
      // Those of a person at different processes.
      const port = ports[(nth + Math.floor(nth / TALKERS)) % ports.length]!;
      clients.push({ person, socket: await open(port, person) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openSome));
}

/** With the two direct threads of the person in focus. */
function open(port: number, person: number): Promise<WebSocket> {
  const headers = { Authorization: authorizations[person]! };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/realtime`, 'tidings.v2', { headers });
  const before = person === 1 ? TALKERS : person - 1;
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`Closed with ${code}`)));
    socket.on('message', (data: Buffer) => {
      const at = performance.now();
      const frame = JSON.parse(data.toString()) as {
        type: string;
        n: number;
        messages: { content: string }[];
      };
      if (frame.type === 'hello')
        socket.send(JSON.stringify({ type: 'focus', threads: [threadId(before), threadId(person)] }));
      if (frame.type === 'focus') resolve(socket);
      if (frame.type !== 'sync') return;
      for (const { content } of frame.messages) arrive(`${person} ${content}`, at);
      socket.send(JSON.stringify({ type: 'ack', n: frame.n }));
    });
  });
}

function arrive(key: string, at: number): void {
  const due = awaited.get(key);
  if (due === undefined) return;
  awaited.delete(key);
  latencies.push(at - due);
}

/** From when a send was due to when the first socket of its recipient gets it. */
async function measure(ports: number[], rate: number, seconds: number): Promise<Load> {
  latencies = [];
  awaited.clear();
  const followed = [...new Set(clients.map(({ person }) => person))];
  const connections = Array.from(
    { length: CONNECTIONS },
    (_, at) => new HttpConnection(ports[at % ports.length]!),
  );
  const workers = connections.map((connection) => async (due: number) => {
    const recipient = followed[Math.floor(Math.random() * followed.length)]!;
    const sender = recipient === 1 ? TALKERS : recipient - 1;
    const content = `message ${sent++}`;
    const request = {
      method: 'POST',
      path: '/api/v1/messages/send',
      headers: { Authorization: authorizations[sender]! },
      body: { recipient: nextOf(sender), content },
    };
    awaited.set(`${recipient} ${content}`, due);
    const { status } = await connection.send(bytesOf(request));
    if (status === 201) return undefined;
    awaited.delete(`${recipient} ${content}`);
    return String(status);
  });
  const load = await driveAtRate(workers, seconds, rate);
  for (const connection of connections) connection.close();
  const until = performance.now() + PATIENCE_MILLISECONDS;
  while (awaited.size > 0 && performance.now() < until) await delay(10);
  const failures = { ...load.failures };
  if (awaited.size > 0) failures['no frame'] = awaited.size;
  return { ...load, latencies: Float64Array.from(latencies), failures };
}
