import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PresenceLeases } from '../../libs/realtime/presence-leases.js';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, send, startGroup } from '../support/people.js';
import { type SecondApi, startSecondApi } from '../support/second-api.js';
import {
  expectState,
  people,
  presenceOf,
  showPresence,
  typists,
  useSyncClients,
  withoutLoggedWrites,
  within,
} from './signals.js';
import type { SyncClient } from './sync-client.js';

const api = useApi();
const connect = useSyncClients(api);

let organization: TestOrganization;
let [ann, bob, cas]: Person[] = [];
let thread: string;

beforeEach(async () => {
  organization = await api.build.organization();
  [ann, bob, cas] = await people(api, organization, 3);
  ({ thread_id: thread } = await send(ann!, bob!, 'hello'));
});

/** Another process on the same database. */
let other: SecondApi;
beforeAll(async () => {
  other = await startSecondApi(api.database);
});

afterAll(() => other.stop());

const leases = ({ id } = organization) =>
  api.database.query<{ user_id: string; state: string }>(
    'SELECT user_id, state FROM presence WHERE organization_id = $1',
    [id],
  );

const setState = (client: SyncClient, state: string) => client.send({ type: 'presence', state });

describe('presence', () => {
  it('is off until the organization turns it on, and can be turned off', async () => {
    const [asAnn, asBob] = [await connect(ann!, [thread]), await connect(bob!, [thread])];
    setState(asBob, 'away');
    // Whose lease is written after what the others' processes would have written.
    const witness = await api.build.member();
    await showPresence(api, witness.organization);
    await connect(witness);
    await expect.poll(() => leases(witness.organization), within).toHaveLength(1);
    expect(await leases()).toEqual([]);
    expect(presenceOf(asAnn, bob!)).toEqual([]);
    await showPresence(api, organization);
    await expectState(asAnn, bob!, 'away');
    await expectState(asBob, ann!, 'online');
    await showPresence(api, organization, false);
    await expectState(asAnn, bob!, 'offline');
    expect(presenceOf(asAnn, bob!).at(-1)).toEqual({
      user_id: bob!.id,
      state: 'offline',
      last_seen_at: null,
    });
    expect(await leases()).toEqual([]);
  });

  it('is a setting of the organization, true or false', async () => {
    const admin = api.platform(organization);
    const patch = async (presence: unknown) => (await admin.patch('admin/preferences', { presence })).body;
    expect(await patch(true)).toEqual({ presence: true });
    expect((await admin.get('admin/preferences')).body).toEqual({ presence: true });
    expect(await patch('yes')).toMatchObject({ code: 'validation_failed', errors: [{ field: 'presence' }] });
    expect(await patch(null)).toEqual({});
    expect((await bob!.client.patch('preferences', { presence: true })).status).toBe(400);
  });

  it('shows when others come, are away and leave', async () => {
    await showPresence(api, organization);
    const asAnn = await connect(ann!, [thread]);
    await expect
      .poll(() => presenceOf(asAnn, bob!), within)
      .toEqual([{ user_id: bob!.id, state: 'offline', last_seen_at: null }]);
    const asBob = await connect(bob!);
    await expectState(asAnn, bob!, 'online');
    setState(asBob, 'away');
    await expectState(asAnn, bob!, 'away');
    setState(asBob, 'online');
    await expectState(asAnn, bob!, 'online');
    expect(presenceOf(asAnn, bob!).at(-1)!.last_seen_at).toBeNull();
    const leftAt = Date.now();
    asBob.socket.terminate();
    await expectState(asAnn, bob!, 'offline');
    const seenAt = Date.parse(presenceOf(asAnn, bob!).at(-1)!.last_seen_at!);
    expect(seenAt).toBeGreaterThanOrEqual(leftAt - 5);
    expect(seenAt).toBeLessThanOrEqual(Date.now());
    // At most once a second.
    expect(presenceOf(asAnn, ann!)).toEqual([]);
    expect(presenceOf(asAnn, bob!)).toHaveLength(5);
    // Later focus shows the same.
    await asAnn.focus(thread);
    await expect.poll(() => presenceOf(asAnn, bob!).length, within).toBe(6);
    expect(presenceOf(asAnn, bob!)[5]).toEqual(presenceOf(asAnn, bob!)[4]);
  });

  it('is that of the most present connection, on any process', async () => {
    await showPresence(api, organization);
    const asAnn = await connect(ann!, [thread]);
    const [here, there] = [await connect(bob!), await connect(bob!, [], other)];
    setState(here, 'away');
    await expectState(asAnn, bob!, 'online');
    setState(there, 'away');
    await expectState(asAnn, bob!, 'away');
    here.socket.terminate();
    setState(there, 'online');
    await expectState(asAnn, bob!, 'online');
    there.socket.terminate();
    await expectState(asAnn, bob!, 'offline');
  });

  it('is shown only of others in the threads in focus, and not in groups of more than a hundred', async () => {
    await showPresence(api, organization);
    const [dan] = await people(api, organization, 1);
    const group = await startGroup(ann!, [bob!, cas!, dan!]);
    const large = await startGroup(ann!, [cas!]);
    await api.database.query('UPDATE threads SET participant_count = 101 WHERE id = $1', [large]);
    await connect(cas!);
    const asAnn = await connect(ann!, [thread, large]);
    await expectState(asAnn, bob!, 'offline');
    expect(presenceOf(asAnn, cas!)).toEqual([]);
    await asAnn.focus(group);
    await expectState(asAnn, cas!, 'online');
    const asDan = await connect(dan!, [thread]);
    await expectState(asAnn, dan!, 'online');
    await asDan.focus(group);
    await expectState(asDan, cas!, 'online');
    expect(presenceOf(asDan, ann!).length).toBe(1);
  });

  it('is that of no participant any more once one of the two has left', async () => {
    await showPresence(api, organization);
    const [dan] = await people(api, organization, 1);
    const group = await startGroup(ann!, [bob!, cas!, dan!]);
    const clients = [ann!, bob!, cas!].map((who) => connect(who, [group]));
    const [asAnn, , asCas] = await Promise.all(clients);
    const asDan = await connect(dan!);
    await expectState(asAnn!, bob!, 'online');
    await expectState(asAnn!, dan!, 'online');
    await expectState(asCas!, bob!, 'online');
    await api.platform(organization).delete(`members/${dan!.id}`);
    await bob!.client.delete(`messages/threads/${group}/participants/${bob!.id}`);
    for (const [viewer, who] of [
      [asAnn!, bob!],
      [asAnn!, dan!],
      [asCas!, bob!],
    ] as const) {
      await expectState(viewer, who, 'offline');
      expect(presenceOf(viewer, who).at(-1)!.last_seen_at).toBeNull();
    }
    await asDan.expectClosed(4403);
  });

  it('is offline from when the person chooses to appear so', async () => {
    await showPresence(api, organization);
    const asAnn = await connect(ann!, [thread]);
    const asBob = await connect(bob!);
    await expectState(asAnn, bob!, 'online');
    const { body } = await bob!.client.patch('me/visibility', { appear_offline: true });
    expect(body).toMatchObject({ appear_offline: true });
    await expectState(asAnn, bob!, 'offline');
    const hidden = presenceOf(asAnn, bob!);
    expect(hidden.at(-1)!.last_seen_at).not.toBeNull();
    setState(asBob, 'away');
    const again = await connect(bob!, [thread]);
    await expectState(again, ann!, 'online');
    await asAnn.focus(thread);
    await expect.poll(() => presenceOf(asAnn, bob!).length, within).toBe(hidden.length + 1);
    expect(presenceOf(asAnn, bob!).at(-1)).toEqual(hidden.at(-1));
    await bob!.client.patch('me/visibility', { appear_offline: false });
    await expectState(asAnn, bob!, 'online');
  });

  it('ends with the lease of a process that was killed', async () => {
    await showPresence(api, organization);
    const asAnn = await connect(ann!, [thread]);
    await connect(bob!);
    await expectState(asAnn, bob!, 'online');
    const [row] = await api.database.query<{ last_seen_at: Date }>(
      `UPDATE presence SET last_seen_at = last_seen_at - interval '56 seconds' WHERE user_id = $1
       RETURNING last_seen_at`,
      [bob!.id],
    );
    await expectState(asAnn, bob!, 'offline');
    expect(presenceOf(asAnn, bob!).at(-1)!.last_seen_at).toBe(row!.last_seen_at.toISOString());
  });

  it('is renewed, and written again if the table was emptied by a crash of PostgreSQL', async () => {
    await showPresence(api, organization);
    const asAnn = await connect(ann!, [thread]);
    await connect(bob!);
    await expectState(asAnn, bob!, 'online');
    const renew = () => api.app.get(PresenceLeases)['renew']();
    const seenAt = async () => {
      const [row] = await api.database.query<{ at: Date }>(
        'SELECT last_seen_at AS at FROM presence WHERE user_id = $1',
        [bob!.id],
      );
      return row?.at.getTime();
    };
    const before = await seenAt();
    await renew();
    expect(await seenAt()).toBeGreaterThan(before!);
    await api.database.query('DELETE FROM presence');
    await expectState(asAnn, bob!, 'offline');
    await renew();
    await expectState(asAnn, bob!, 'online');
  });

  it('is written to unlogged tables alone, which keep one row of each person', async () => {
    await showPresence(api, organization);
    const asAnn = await connect(ann!, [thread]);
    // Of a process that was killed.
    await api.database.query(
      `INSERT INTO presence VALUES ($1, $2, gen_random_uuid(), 'online', now() - interval '1 hour')`,
      [organization.id, bob!.id],
    );
    await withoutLoggedWrites(api, async () => {
      const asBob = await connect(bob!, [thread]);
      await expectState(asAnn, bob!, 'online');
      setState(asBob, 'away');
      await expectState(asAnn, bob!, 'away');
      asBob.socket.terminate();
      await expectState(asAnn, bob!, 'offline');
    });
    expect((await leases()).filter(({ user_id }) => user_id === bob!.id)).toEqual([
      { user_id: bob!.id, state: 'offline' },
    ]);
  });

  it('and typing reach people on another process', async () => {
    await showPresence(api, organization);
    const [asAnn, asBob] = [await connect(ann!, [thread]), await connect(bob!, [thread], other)];
    await expectState(asAnn, bob!, 'online');
    await expectState(asBob, ann!, 'online');
    asBob.send({ type: 'typing', thread_id: thread });
    await expect.poll(() => typists(asAnn), within).toEqual([bob!.id]);
    asAnn.send({ type: 'typing', thread_id: thread });
    await expect.poll(() => typists(asBob), within).toEqual([ann!.id]);
    asBob.socket.terminate();
    await expectState(asAnn, bob!, 'offline');
  });
});
