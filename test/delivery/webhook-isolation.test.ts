import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { each } from '../support/each.js';
import { type WebhookTenant, webhookTenant } from './notices.js';
import { type Behaviour, type Receiver, hangs, useReceivers } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

const ROUNDS = 20;
const NOISE_MILLISECONDS = 500;

let home: WebhookTenant;
let receiver: Receiver;

beforeAll(async () => {
  home = await webhookTenant(api);
  receiver = await receive();
  await home.hook(receiver.url);
  await latencies(20);
});

/** How many milliseconds after it was asked for each notification has reached our endpoint, sorted. */
async function latencies(rounds = ROUNDS): Promise<number[]> {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const arrived = new Promise<void>((resolve) => {
      receiver.behaviour = (response) => {
        response.end();
        resolve();
      };
    });
    const start = performance.now();
    await home.notify('News');
    await arrived;
    taken.push(performance.now() - start);
  }
  return taken.toSorted((a, b) => a - b);
}

const p95 = (sorted: number[]): number => sorted[Math.floor(sorted.length * 0.95)]!;

interface Others {
  organizations: number;
  /** Of each. */
  endpoints: number;
  notifications: number;
}

/** Other organizations, whose endpoints have so many notifications that they are never done. */
async function busyOthers(
  { organizations, endpoints, notifications }: Others,
  behaviour: Behaviour,
): Promise<Receiver> {
  const theirs = await receive(behaviour);
  for (let number = 0; number < organizations; number++) {
    const other = await webhookTenant(api);
    await each(Array.from({ length: endpoints }), () => other.hook(theirs.url));
    await each(Array.from({ length: notifications }), () => other.notify('Theirs'));
  }
  const busy = organizations * endpoints * 2;
  await expect.poll(() => theirs.received.length, { timeout: 5000 }).toBeGreaterThanOrEqual(busy);
  return theirs;
}

const stillWaiting = () =>
  api.database.query(
    `SELECT FROM deliveries WHERE status = 'waiting' AND attempts = 0 AND organization_id <> $1 LIMIT 1`,
    [home.organization.id],
  );

describe('webhooks of one organization', { timeout: 60_000 }, () => {
  it.each([
    [
      'an endpoint of another organization that hangs',
      hangs,
      { organizations: 1, endpoints: 1, notifications: 200 },
    ],
    [
      'all endpoints of two other organizations, which hang',
      hangs,
      { organizations: 2, endpoints: 10, notifications: 5 },
    ],
    ['a slow endpoint', slowly, { organizations: 1, endpoints: 1, notifications: 300 }],
  ] satisfies [string, Behaviour, Others][])('are not delayed by %s', async (_what, behaviour, others) => {
    const before = await latencies();
    const theirs = await busyOthers(others, behaviour);
    const during = await latencies();
    expect(await stillWaiting()).toHaveLength(1);
    // Of a tenth at most, but for the noise of a machine that others share; to be held up by what hangs takes seconds.
    expect(p95(during)).toBeLessThan(p95(before) * 1.1 + NOISE_MILLISECONDS);
    theirs.behaviour = (response) => void response.end();
  });
});

function slowly(...[response]: Parameters<Behaviour>): void {
  setTimeout(() => response.end(), 50);
}
