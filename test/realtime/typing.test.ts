import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, send, startGroup } from '../support/people.js';
import { people, typists, useSyncClients, within, withoutLoggedWrites } from './signals.js';
import type { SyncClient } from './sync-client.js';

const api = useApi();
const connect = useSyncClients(api);

let organization: TestOrganization;
let [ann, bob, cas]: Person[] = [];

beforeEach(async () => {
  organization = await api.build.organization();
  [ann, bob, cas] = await people(api, organization, 3);
});

const type = (client: SyncClient, thread_id: string) => client.send({ type: 'typing', thread_id });

/** Whatever was sent before in this organization has arrived, or never will: a witness sees the next typing. */
async function settle(typist: SyncClient, witness: SyncClient, threadId: string): Promise<void> {
  const before = typists(witness).length;
  type(typist, threadId);
  await expect.poll(() => typists(witness).length, within).toBeGreaterThan(before);
}

describe('a person who types', () => {
  it('is shown to the others who have the thread in focus, and to nobody else', async () => {
    const group = await startGroup(ann!, [bob!, cas!]);
    const { thread_id: elsewhere } = await send(ann!, cas!, 'hello');
    const [asAnn, asBob, asCas] = [
      await connect(ann!, [group]),
      await connect(bob!, [group]),
      await connect(cas!, [elsewhere]),
    ];
    type(asAnn, group.toUpperCase());
    await expect
      .poll(() => asBob.frames.filter((frame) => (frame.type as string) === 'typing'), within)
      .toEqual([{ type: 'typing', thread_id: group, user_id: ann!.id, ms: 6000 }]);
    await settle(asAnn, asCas, elsewhere);
    expect([typists(asAnn), typists(asCas)]).toEqual([[], [ann!.id]]);
    await asBob.focus();
    type(asAnn, group);
    await settle(asAnn, asCas, elsewhere);
    expect(typists(asBob)).toEqual([ann!.id]);
  });

  it('is shown on other connections of the others, and not on their own', async () => {
    const { thread_id } = await send(ann!, bob!, 'hello');
    const [one, another] = [await connect(ann!, [thread_id]), await connect(ann!, [thread_id])];
    const theirs = [await connect(bob!, [thread_id]), await connect(bob!, [thread_id])];
    type(one, thread_id);
    for (const client of theirs) await expect.poll(() => typists(client), within).toEqual([ann!.id]);
    expect(typists(another)).toEqual([]);
  });

  it('is written to no logged table', async () => {
    const { thread_id } = await send(ann!, bob!, 'hello');
    const [asAnn, asBob] = [await connect(ann!, [thread_id]), await connect(bob!, [thread_id])];
    await withoutLoggedWrites(api, () => settle(asAnn, asBob, thread_id));
  });

  it('is shown only in threads to which they may send', async () => {
    const [eve] = await people(api, organization, 1);
    const foreign = await startGroup(...(await foreignGroup()));
    const others = await startGroup(ann!, [bob!]);
    const left = await startGroup(ann!, [bob!, eve!]);
    await eve!.client.delete(`messages/threads/${left}/participants/${eve!.id}`);
    const closed = (await send(eve!, bob!, 'hello')).thread_id;
    const open = await startGroup(eve!, [bob!]);
    await bob!.client.patch('me/visibility', { accepts_messages_from: 'nobody' });
    const asEve = await connect(eve!);
    const asBob = await connect(bob!, [others, left, closed, open]);
    for (const threadId of [uuid(), foreign, others, left, closed]) type(asEve, threadId);
    // The second time, whatever the checks of the other frames allowed has been sent.
    for (let time = 1; time <= 2; time++) await settle(asEve, asBob, open);
    const shown = asBob.frames.filter((frame) => (frame.type as string) === 'typing');
    expect(shown.map((frame) => frame['thread_id'] as string)).toEqual([open, open]);
    expect(asEve.frames.filter(({ type: kind }) => !['hello', 'sync'].includes(kind))).toEqual([]);
    expect(asEve.closed).toBeUndefined();
  });

  it('is not shown to people who have left, or who were never in the thread', async () => {
    const [eve, dan] = await people(api, organization, 2);
    const group = await startGroup(ann!, [bob!, cas!, dan!]);
    const clients = [cas!, dan!, eve!].map((who) => connect(who, [group]));
    const [asCas, asDan, asEve] = await Promise.all(clients);
    const [asAnn, asBob] = [await connect(ann!, [group]), await connect(bob!, [group])];
    await cas!.client.delete(`messages/threads/${group}/participants/${cas!.id}`);
    await api.platform(organization).delete(`members/${dan!.id}`);
    await settle(asAnn, asBob, group);
    for (const client of [asCas!, asDan!, asEve!]) expect(typists(client)).toEqual([]);
  });

  it.each([
    ['blocks the other', true],
    ['is blocked by the other', false],
  ])('and %s is not shown to them, in any thread', async (_who, annBlocks) => {
    const group = await startGroup(ann!, [bob!, cas!]);
    const { thread_id: direct } = await send(ann!, bob!, 'hello');
    const [asAnn, asBob, asCas] = [
      await connect(ann!, [group]),
      await connect(bob!, [group, direct]),
      await connect(cas!, [group]),
    ];
    await settle(asAnn, asBob, direct);
    const [blocker, blocked] = annBlocks ? [ann!, bob!] : [bob!, ann!];
    await blocker.client.post(`messages/users/${blocked.id}/block`);
    const before = typists(asBob).length;
    type(asAnn, direct);
    await settle(asAnn, asCas, group);
    expect(typists(asBob)).toHaveLength(before);
  });

  it('is not shown while they appear offline', async () => {
    const group = await startGroup(ann!, [bob!]);
    const [asAnn, asBob] = [await connect(ann!, [group]), await connect(bob!, [group])];
    await ann!.client.patch('me/visibility', { appear_offline: true });
    type(asAnn, group);
    type(asBob, group);
    await expect.poll(() => typists(asAnn), within).toEqual([bob!.id]);
    await ann!.client.patch('me/visibility', { appear_offline: false });
    type(asAnn, group);
    await expect.poll(() => typists(asBob), within).toEqual([ann!.id]);
  });

  it('is one of at most five who are shown in a thread at the same time', async () => {
    const many = await people(api, organization, 6);
    const group = await startGroup(ann!, many);
    const asAnn = await connect(ann!, [group]);
    for (const [nth, who] of many.entries()) {
      const client = await connect(who);
      type(client, group);
      if (nth < 5) await expect.poll(() => typists(asAnn), within).toHaveLength(nth + 1);
      else await settle(await connect(many[0]!), asAnn, group);
    }
    expect(new Set(typists(asAnn))).toEqual(new Set(many.slice(0, 5).map(({ id }) => id)));
  });

  it('is disconnected if they send more than ten frames in a second', async () => {
    const client = await connect(ann!);
    for (let nth = 0; nth < 30; nth++) type(client, uuid());
    await client.expectClosed(4429);
  });

  it.each(['{"type":"typing"}', '{"type":"typing","thread_id":["x"]}', '{"type":"presence","state":"busy"}'])(
    'is disconnected after an invalid frame: %s',
    async (frame) => {
      const client = await connect(ann!);
      client.send(frame);
      await client.expectClosed(4400);
    },
  );
});

async function foreignGroup(): Promise<[Person, Person[]]> {
  const [one, ...others] = await people(api, await api.build.organization(), 2);
  return [one!, others];
}
