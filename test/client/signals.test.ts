import { afterEach, beforeEach, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, send } from '../support/people.js';
import { people, showPresence } from '../realtime/signals.js';
import { Device } from './devices.js';

const api = useApi();

let [ann, bob]: Person[] = [];
let thread: string;
let devices: Device[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob] = await people(api, organization, 2);
  await showPresence(api, organization);
  ({ thread_id: thread } = await send(ann!, bob!, 'hello'));
});

afterEach(() => {
  for (const device of devices) device.close();
  devices = [];
});

/** A device whose page shows the thread, with who types in it and the presence of the other person. */
async function open(person: Person, other: Person) {
  const device = new Device(api, person);
  devices.push(device);
  device.show([thread]);
  const { store, actions } = device.tidings;
  const [typing, presence, messages] = [
    store.typing(thread),
    store.presence(other.id),
    store.messages(thread),
  ];
  for (const slice of [typing, presence, messages]) slice.subscribe(() => undefined);
  await expect.poll(() => messages.getSnapshot().rows.length).toBeGreaterThan(0);
  return { device, store, actions, typing, presence, messages };
}

it('people see each other type until the message comes, and who is online', async () => {
  const asAnn = await open(ann!, bob!);
  const asBob = await open(bob!, ann!);
  const online = { state: 'online', last_seen_at: null };
  await expect.poll(() => asAnn.presence.getSnapshot()).toEqual(online);
  await expect.poll(() => asBob.presence.getSnapshot()).toEqual(online);

  asAnn.actions.type(thread);
  await expect.poll(() => asBob.typing.getSnapshot()).toEqual([ann!.id]);
  expect(asAnn.typing.getSnapshot()).toEqual([]);
  await asAnn.actions.send(thread, { content: 'typed' });
  await expect.poll(() => asBob.messages.getSnapshot().rows.at(-1)?.content).toBe('typed');
  expect(asBob.typing.getSnapshot()).toEqual([]);

  asBob.device.close();
  await expect.poll(() => asAnn.presence.getSnapshot()?.state).toBe('offline');
  expect(asAnn.presence.getSnapshot()?.last_seen_at).not.toBeNull();
});

it('what was in view for a second is read, also for the others', async () => {
  const asAnn = await open(ann!, bob!);
  const asBob = await open(bob!, ann!);
  await expect.poll(() => asBob.store.counts.getSnapshot()?.messages).toBe(1);
  asBob.actions.see(asBob.messages.getSnapshot().rows[0]!);
  const markOfBob = () =>
    asAnn.store
      .marks(thread)
      .getSnapshot()
      .find(({ user_id }) => user_id === bob!.id)?.seq;
  await expect.poll(markOfBob).toBe(1);
  await expect.poll(() => asBob.store.counts.getSnapshot()?.messages).toBe(0);
});

it('a change of preferences shows as the server resolves it, and on the other devices of the person', async () => {
  const one = await open(ann!, bob!);
  const other = await open(ann!, bob!);
  const preferencesOf = ({ store }: typeof one) => store.preferences.getSnapshot();
  await expect.poll(() => [preferencesOf(one), preferencesOf(other)]).not.toContain(undefined);
  const done = one.actions.updatePreferences({
    channels: { email: 'off' },
    types: { MESSAGE: { email: 'daily' } },
  });
  const shown = preferencesOf(one);
  expect(await done).toEqual(shown);
  await expect.poll(() => preferencesOf(other)).toEqual(shown);
});
