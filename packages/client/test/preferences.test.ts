import { beforeEach, expect, it } from 'vitest';
import type { Preferences, PreferencesChange } from '@tidings/client';
import { type FakeServer, later } from './fake-server.js';
import { json, problem } from './fake-fetch.js';
import { tick, useFakeServer } from './page.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

type Effective = Preferences['effective'][string];
type Explicit = Preferences['explicit'];

const effectiveOf = (given: Partial<Effective> = {}): Effective => {
  const inherited = { value: 'on', source: 'type', locked: false } as const;
  return {
    in_app: inherited,
    realtime: inherited,
    email: inherited,
    web_push: inherited,
    webhook: inherited,
    ...given,
  };
};

const preferencesOf = (explicit: Partial<Explicit> = {}, billing: Partial<Effective> = {}): Preferences => ({
  explicit: { global: {}, organization: {}, ...explicit },
  effective: { BILLING: effectiveOf(billing), MESSAGE: effectiveOf() },
});

async function open(preferences = preferencesOf()) {
  const { store, actions } = server.tidings;
  server.answers.set('GET preferences', () => json(preferences));
  store.preferences.subscribe(() => undefined);
  await tick();
  server.socket.accept();
  const shown = () => store.preferences.getSnapshot()!;
  const email = (type = 'BILLING') => shown().effective[type]!.email;
  return { actions, shown, email };
}

const patches = () => server.sent.filter(({ method }) => method === 'PATCH').map(({ body }) => body);

/** Each request gets the next answer, when the test gives it. */
function answerLater(count: number) {
  const answers = Array.from({ length: count }, () => later());
  let asked = 0;
  server.answers.set('PATCH preferences', () => answers[asked++]!.answer);
  return answers.map(({ respond }) => respond);
}

const off: PreferencesChange = { channels: { email: 'off' } };
const daily: PreferencesChange = { types: { BILLING: { email: 'daily' } } };

it('shows a change at once, and what the server makes of it then', async () => {
  const { actions, shown, email } = await open();
  const [respond] = answerLater(1);
  const done = actions.updatePreferences(off);
  expect(shown().explicit.organization).toEqual({ channels: { email: 'off' } });
  expect(email()).toEqual({ value: 'off', source: 'person.organization', locked: false });
  expect(email('MESSAGE').value).toBe('off');
  expect(shown().effective['BILLING']!.web_push).toEqual({ value: 'on', source: 'type', locked: false });
  const stored = preferencesOf({ organization: { paused_until: '2026-12-01T08:00:00.000Z' } });
  await tick();
  respond!(json(stored));
  expect(await done).toEqual(stored);
  expect(shown()).toEqual(stored);
});

it('takes a refused change back, with the reason', async () => {
  const { actions, shown } = await open();
  const before = shown();
  const [respond] = answerLater(1);
  const done = actions.updatePreferences(off);
  expect(shown()).not.toEqual(before);
  await tick();
  respond!(problem(409, 'preference_locked'));
  await expect(done).rejects.toMatchObject({ code: 'preference_locked' });
  expect(shown()).toEqual(before);
});

it.each<[string, Preferences, PreferencesChange, Effective['email']]>([
  [
    'a locked value',
    preferencesOf({}, { email: { value: 'on', source: 'organization', locked: true } }),
    off,
    { value: 'on', source: 'organization', locked: true },
  ],
  [
    'the choice for a type rather than the choice for all',
    preferencesOf({ organization: { types: { BILLING: { email: 'hourly' } } } }),
    off,
    { value: 'hourly', source: 'person.organization', locked: false },
  ],
  [
    'the choice for this organization rather than the choice for all organizations',
    preferencesOf({ global: { types: { BILLING: { email: 'daily' } } } }),
    off,
    { value: 'off', source: 'person.organization', locked: false },
  ],
  [
    'the choice for all types where that for the type is removed',
    preferencesOf({
      organization: { channels: { email: 'off' }, types: { BILLING: { email: 'daily' } } },
    }),
    { types: { BILLING: { email: null } } },
    { value: 'off', source: 'person.organization', locked: false },
  ],
  [
    'the choice for all organizations where that for this one is removed',
    preferencesOf({
      global: { types: { BILLING: { email: 'daily' } } },
      organization: { channels: { email: 'off' } },
    }),
    { channels: null },
    { value: 'daily', source: 'person.global', locked: false },
  ],
  [
    'the value of before where only the server knows what is inherited',
    preferencesOf(
      { organization: { channels: { email: 'off' } } },
      { email: { value: 'off', source: 'person.organization', locked: false } },
    ),
    { channels: { email: null } },
    { value: 'off', source: 'person.organization', locked: false },
  ],
])('shows %s', async (_name, preferences, change, expected) => {
  const { actions, email } = await open(preferences);
  answerLater(1);
  actions.updatePreferences(change).catch(() => undefined);
  expect(email()).toEqual(expected);
});

it('merges a change into the choices of before, and leaves those that it does not name', async () => {
  const quiet_hours = { time_zone: 'Europe/Berlin', windows: [] };
  const types = { BILLING: { email: 'daily' } } as const;
  const organization = { channels: { email: 'off', webhook: 'off' }, types, quiet_hours } as const;
  const { actions, shown } = await open(preferencesOf({ organization }));
  answerLater(1);
  const window = { days: ['mon' as const], from: '22:00', to: '07:00' };
  actions
    .updatePreferences({
      channels: { email: null },
      types: undefined,
      quiet_hours: { time_zone: 'Europe/London', windows: [window] },
      paused_until: '2026-12-01T08:00:00.000Z',
    })
    .catch(() => undefined);
  expect(shown().explicit.organization).toEqual({
    channels: { webhook: 'off' },
    types,
    quiet_hours: { time_zone: 'Europe/London', windows: [window] },
    paused_until: '2026-12-01T08:00:00.000Z',
  });
});

it('sends two changes one after the other, and shows both until the server has them', async () => {
  const { actions, email } = await open();
  const [first, second] = answerLater(2);
  const both = [actions.updatePreferences(off), actions.updatePreferences(daily)];
  const values = () => [email().value, email('MESSAGE').value];
  await tick();
  expect(values()).toEqual(['daily', 'off']);
  expect(patches()).toEqual([off]);
  first!(json({ ...preferencesOf({ organization: off as object }), effective: { BILLING: effectiveOf() } }));
  await tick();
  expect(patches()).toEqual([off, daily]);
  expect(email().value).toBe('daily');
  const stored = preferencesOf({ organization: { ...off, ...daily } as object });
  second!(json(stored));
  expect((await Promise.all(both))[1]).toEqual(stored);
  expect(values()).toEqual(['on', 'on']);
});

it('sends the next change although the one before was refused', async () => {
  const { actions, email } = await open();
  const [first, second] = answerLater(2);
  const refused = actions.updatePreferences(off);
  const done = actions.updatePreferences(daily);
  await tick();
  first!(problem(409, 'preference_locked'));
  await expect(refused).rejects.toMatchObject({ status: 409 });
  expect([email().value, email('MESSAGE').value]).toEqual(['daily', 'on']);
  await tick();
  second!(json(preferencesOf()));
  await done;
});

it('keeps a change when preferences that were loaded before it arrive after it, and loads them again', async () => {
  const { actions, email } = await open();
  const old = later();
  server.answers.set('GET preferences', () => old.answer);
  server.socket.sync(1, { preferences_changed: true });
  await tick();
  const stored = preferencesOf(
    { organization: off as object },
    { email: { ...OFF, source: 'person.organization' } },
  );
  server.answers.set('PATCH preferences', () => json(stored));
  await actions.updatePreferences(off);
  const newest = preferencesOf({}, { email: { ...OFF, value: 'hourly', source: 'person.organization' } });
  server.answers.set('GET preferences', () => json(newest));
  const seen: string[] = [];
  server.tidings.store.preferences.subscribe(() => seen.push(email().value));
  old.respond(json(preferencesOf()));
  await tick();
  expect(seen).toEqual(['hourly']);
});

it('keeps preferences that were loaded while a change was on its way, with the change', async () => {
  const { actions, shown } = await open();
  const [respond] = answerLater(1);
  const done = actions.updatePreferences(off);
  await tick();
  const loaded = preferencesOf({ organization: { channels: { web_push: 'off' } } });
  server.answers.set('GET preferences', () => json(loaded));
  server.socket.sync(1, { preferences_changed: true });
  await tick();
  respond!(json(preferencesOf({ organization: off as object })));
  await done;
  expect(shown().explicit.organization).toEqual({ channels: { web_push: 'off', email: 'off' } });
});

it('loads preferences for a subscription after a change, since nothing followed them before', async () => {
  const { store, actions } = server.tidings;
  server.answers.set('PATCH preferences', () => json(preferencesOf()));
  await actions.updatePreferences(off);
  expect(store.preferences.getSnapshot()).toBeUndefined();
  await open(preferencesOf({}, { email: { ...OFF, value: 'hourly' } }));
  expect(store.preferences.getSnapshot()?.effective['BILLING']?.email.value).toBe('hourly');
});

const OFF = { value: 'off', source: 'type', locked: false } as const;
