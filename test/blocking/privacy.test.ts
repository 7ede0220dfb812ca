import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { each } from '../support/each.js';
import { type ShutOut, type World, buildWorld } from './mirror.js';
import { type Request, everyRequest, isGlance } from './mirror-requests.js';

const api = useApi();

/** All responses that I get: to each request, and of my lists after the requests of each route. */
async function responsesOf(world: World, requests: Request[]): Promise<[name: string, seen: object][]> {
  const seen: [string, object][] = [];
  const client = world.me.client.with({ 'X-Access-Reason': 'A test' });
  const askAll = async (asked: Request[], width: number) => {
    const answers = await each(asked, ({ method, path, body }) => client.send(method, path, body), width);
    for (const [index, { name }] of asked.entries()) {
      const answer = answers[index]!;
      expect(answer.status, name).toBeLessThan(500);
      seen.push([name, world.simplify(answer)]);
    }
  };
  const looks = requests.filter(({ method }) => method === 'GET');
  for (const [index, request] of requests.entries()) {
    await askAll([request], 1);
    const isLast = requests[index + 1]?.route !== request.route;
    if (!isLast || request.method === 'GET') continue;
    await world.settle();
    await askAll(looks.filter(isGlance), 8);
  }
  await askAll(looks, 1);
  return seen;
}

async function seenBy(shutOut: ShutOut, me: { role: string; isKnown: boolean }) {
  const world = await buildWorld(api, shutOut, me);
  return responsesOf(world, everyRequest(api, world, me.role === 'admin'));
}

/** How they shut me out. */
const block: ShutOut = (them, me) => them.client.post(`messages/users/${me.id}/block`);
const CLOSED = { accepts_messages_from: 'nobody', profile_visibility: 'hidden' };
const close: ShutOut = ({ client }) => client.patch('me/visibility', CLOSED);

describe.each(['user', 'admin'])('responses to a %s on every route', (role) => {
  it.each([
    ['known people in a shared group', true],
    ['unknown people', false],
  ])(
    'about %s are the same for people who block them and people who accept no messages',
    async (_who, isKnown) => {
      const [blocked, closed] = await each([block, close], (shutOut) => seenBy(shutOut, { role, isKnown }));
      expect(blocked!.map(([name]) => name)).toEqual(closed!.map(([name]) => name));
      for (const [index, [name, answer]] of blocked!.entries()) {
        expect({ index, name, answer }).toEqual({ index, name, answer: closed![index]![1] });
      }
    },
    120_000,
  );
});

describe('the comparison of responses', () => {
  it.each([
    ['accepts no messages but is visible', { accepts_messages_from: 'nobody' }, false],
    ['is hidden but accepts messages', { profile_visibility: 'hidden' }, false],
    [
      'is hidden, accepts no messages and shares no read receipts',
      { ...CLOSED, share_read_receipts: false },
      true,
    ],
  ])('notices a person who %s', async (_who, visibility, isKnown) => {
    const other: ShutOut = ({ client }) => client.patch('me/visibility', visibility);
    const [one, another] = await each([block, other], (shutOut) =>
      seenBy(shutOut, { role: 'user', isKnown }),
    );
    expect(one).not.toEqual(another);
  });
});
