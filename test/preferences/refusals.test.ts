import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';

const api = useApi({ worker: 'off' });

let clients: Record<string, Client>;

beforeAll(async () => {
  const { organization, admin } = await api.build.organizationWithAdmin();
  const person = await api.as(await api.build.member({ organization }));
  clients = { preferences: person, 'preferences?scope=global': person, 'admin/preferences': admin };
});

const window = (given: object = {}) => ({ days: ['mon'], from: '22:00', to: '07:00', ...given });
const quiet = (given: object = {}) => ({ quiet_hours: { time_zone: 'UTC', windows: [window()], ...given } });
const windowOf = (given: object) => quiet({ windows: [window(given)] });
const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
const many = (count: number, value: (index: number) => [string, unknown]) =>
  Object.fromEntries(Array.from({ length: count }, (_none, index) => value(index)));
const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const REFUSED: [what: string, body: unknown, field: string][] = [
  ['an unknown part', { sounds: { email: 'on' } }, 'sounds'],
  ['channels that are a list', { channels: [] }, 'channels'],
  ['channels that are a text', { channels: 'off' }, 'channels'],
  ['an unknown channel', { channels: { fax: 'on' } }, 'channels.fax'],
  ['an unknown channel to take away', { channels: { fax: null } }, 'channels.fax'],
  ['a channel by a name that objects inherit', { channels: { toString: 'on' } }, 'channels.toString'],
  ['a channel called constructor', { channels: { constructor: 'on' } }, 'channels.constructor'],
  ['an unknown value', { channels: { email: 'weekly' } }, 'channels.email'],
  ['a digest for another channel than e-mail', { channels: { in_app: 'daily' } }, 'channels.in_app'],
  ['a value that is true', { channels: { email: true } }, 'channels.email'],
  ['a value that is a map', { channels: { email: { value: 'on' } } }, 'channels.email'],
  ['types that are a list', { types: ['MESSAGE'] }, 'types'],
  ['a type that is a value', { types: { MESSAGE: 'off' } }, 'types.MESSAGE'],
  ['a type that is a list', { types: { MESSAGE: [] } }, 'types.MESSAGE'],
  ['a name of a type in small letters', { types: { message: { email: 'on' } } }, 'types.message'],
  ['a name of a type of 51', { types: { ['A'.repeat(51)]: { email: 'on' } } }, `types.${'A'.repeat(51)}`],
  ['a type by a name that objects inherit', { types: { valueOf: { email: 'on' } } }, 'types.valueOf'],
  ['an unknown channel of a type', { types: { MESSAGE: { fax: 'on' } } }, 'types.MESSAGE.fax'],
  ['an unknown value of a type', { types: { MESSAGE: { email: 'ON' } } }, 'types.MESSAGE.email'],
  ['more below a cell', { types: { MESSAGE: { email: { a: 1 } } } }, 'types.MESSAGE.email'],
  ['quiet hours that are a list', { quiet_hours: [] }, 'quiet_hours'],
  ['more in quiet hours', quiet({ on: true }), 'quiet_hours.on'],
  ['an unknown time zone', quiet({ time_zone: 'Mars/Olympus' }), 'quiet_hours.time_zone'],
  ['an offset for a time zone', quiet({ time_zone: '+02:00' }), 'quiet_hours.time_zone'],
  ['a time zone that is a number', quiet({ time_zone: 1 }), 'quiet_hours.time_zone'],
  ['quiet hours without a time zone', { quiet_hours: { windows: [] } }, 'quiet_hours.time_zone'],
  ['quiet hours without windows', { quiet_hours: { time_zone: 'UTC' } }, 'quiet_hours.windows'],
  ['windows that are a map', quiet({ windows: {} }), 'quiet_hours.windows'],
  ['too many windows', quiet({ windows: Array(51).fill(window()) }), 'quiet_hours.windows'],
  ['a window that is null', quiet({ windows: [null] }), 'quiet_hours.windows.0'],
  ['a window that is a string', quiet({ windows: [window(), 'night'] }), 'quiet_hours.windows.1'],
  ['more in a window', windowOf({ name: 'night' }), 'quiet_hours.windows.0.name'],
  ['a window without days', windowOf({ days: undefined }), 'quiet_hours.windows.0.days'],
  ['a window of no day', windowOf({ days: [] }), 'quiet_hours.windows.0.days'],
  ['an unknown day', windowOf({ days: ['mon', 'funday'] }), 'quiet_hours.windows.0.days'],
  ['a day twice', windowOf({ days: ['mon', 'mon'] }), 'quiet_hours.windows.0.days'],
  ['a window from 25:00', windowOf({ from: '25:00' }), 'quiet_hours.windows.0.from'],
  ['a window from 24:00', windowOf({ from: '24:00' }), 'quiet_hours.windows.0.from'],
  ['a window from 7:00', windowOf({ from: '7:00' }), 'quiet_hours.windows.0.from'],
  ['a window without from', windowOf({ from: undefined }), 'quiet_hours.windows.0.from'],
  ['a window to 24:01', windowOf({ to: '24:01' }), 'quiet_hours.windows.0.to'],
  ['a window to 12:60', windowOf({ to: '12:60' }), 'quiet_hours.windows.0.to'],
  ['a window to a number', windowOf({ to: 7 }), 'quiet_hours.windows.0.to'],
  ['a window that ends as it begins', windowOf({ to: '22:00' }), 'quiet_hours.windows.0.to'],
  [
    'a week without a free minute',
    windowOf({ days: everyDay, from: '00:00', to: '24:00' }),
    'quiet_hours.windows',
  ],
  [
    'a week without a free minute in several windows',
    quiet({
      windows: [
        window({ days: everyDay, from: '12:00', to: '24:00' }),
        window({ days: everyDay, from: '23:00', to: '12:00' }),
      ],
    }),
    'quiet_hours.windows',
  ],
  ['a deeply nested map', { types: { MESSAGE: nested(20) } }, 'types.MESSAGE.a'],
];

const OF_A_PERSON: typeof REFUSED = [
  ['a pause until some time', { paused_until: 'tomorrow' }, 'paused_until'],
  ['a pause until the 31st of February', { paused_until: '2027-02-31T00:00:00Z' }, 'paused_until'],
  ['locks', { locked: ['channels.email'] }, 'locked'],
];

const OF_AN_ORGANIZATION: typeof REFUSED = [
  ['a pause', { paused_until: '2027-01-01T00:00:00Z' }, 'paused_until'],
  ['locks that are a string', { locked: 'channels.email' }, 'locked'],
  ['a lock that is a number', { locked: [1] }, 'locked.0'],
  ['a lock of an unknown channel', { locked: ['channels.fax'] }, 'locked.0'],
  ['a lock of a whole type', { locked: ['types.MESSAGE'] }, 'locked.0'],
  ['a lock of all channels', { locked: ['channels'] }, 'locked.0'],
  ['a lock of the quiet hours', { locked: ['quiet_hours.email'] }, 'locked.0'],
  ['a lock with a longer path', { locked: ['types.MESSAGE.email.on'] }, 'locked.0'],
  ['a lock twice', { channels: { email: 'on' }, locked: ['channels.email', 'channels.email'] }, 'locked'],
  [
    'a lock of a cell without a value',
    { channels: { in_app: 'on' }, locked: ['channels.email'] },
    'locked.0',
  ],
];

describe.each(['preferences', 'preferences?scope=global', 'admin/preferences'])('PATCH %s', (path) => {
  const own = path === 'admin/preferences' ? OF_AN_ORGANIZATION : OF_A_PERSON;
  it.each([...REFUSED, ...own])('refuses %s and names its path', async (_what, body, field) => {
    const answer = await clients[path]!.patch(path, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
  });

  it('refuses a huge document with its first errors only', async () => {
    const types = (count: number) => many(count, (index) => [`T${index}`, { email: 'on' }]);
    const bodies = [
      { types: types(1000) },
      { types: many(1000, (index) => [`t${index}`, {}]) },
      { types: { MESSAGE: many(5000, (index) => [`c${index}`, 'on']) } },
      { quiet_hours: { time_zone: 'UTC', windows: Array(900).fill(window()) } },
    ];
    for (const body of bodies) {
      const answer = await clients[path]!.patch(path, body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
      expect(answer.body.errors.length).toBeLessThanOrEqual(20);
    }
  });

  it.each([
    '{"__proto__":{"channels":{"email":"off"}}}',
    '{"channels":{"__proto__":{"email":"off"}}}',
    '{"types":{"__proto__":{"email":"off"}}}',
    '{"types":{"MESSAGE":{"__proto__":"off"}}}',
    '{"types":{"constructor":{"prototype":{"email":"off"}}}}',
    '{"quiet_hours":{"windows":[{"__proto__":{"days":["mon"]}}]}}',
    `{"types":${'{"A":'.repeat(5000)}1${'}'.repeat(5000)}}`,
    '{"types":{"MESSAGE\\u0000":{"email":"off"}}}',
    '{"types":{"\\ud800":{"email":"off"}}}',
  ])('refuses %.70s, and nobody is any the wiser', async (body) => {
    expect((await clients[path]!.send('PATCH', path, body)).status).toBe(400);
    expect(({} as Record<string, unknown>)['email']).toBe(undefined);
  });

  it('takes quiet hours that leave one minute of the week', async () => {
    const days = everyDay.filter((day) => day !== 'sun');
    const all = { from: '00:00', to: '24:00' };
    const windows = [window({ days, ...all }), window({ days: ['sun'], ...all, to: '23:59' })];
    expect((await clients[path]!.patch(path, quiet({ windows }))).status).toBe(200);
    expect((await clients[path]!.patch(path, { quiet_hours: null })).status).toBe(200);
  });

  it('stores nothing of a refused document', async () => {
    const kept = () =>
      api.database.query(`
        SELECT document FROM organization_preferences UNION ALL SELECT document FROM member_preferences
        UNION ALL SELECT document FROM user_preferences`);
    const before = await kept();
    const body = { channels: { email: 'off' }, types: { MESSAGE: { fax: 'on' } } };
    expect((await clients[path]!.patch(path, body)).status).toBe(400);
    expect(await kept()).toEqual(before);
  });
});

describe('an unknown notification type', () => {
  const choice = { types: { NO_SUCH_TYPE: { email: 'off' } } };

  it.each(['preferences', 'admin/preferences'])('is refused by PATCH %s', async (path) => {
    expect(await clients[path]!.patch(path, choice)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'types.NO_SUCH_TYPE.email' }] },
    });
    expect((await clients[path]!.patch(path, { types: { NO_SUCH_TYPE: null } })).status).toBe(200);
  });

  it('is refused with a hint to the route that creates it, on every route that takes a type', async () => {
    const { organization, admin } = await api.build.organizationWithAdmin();
    const member = await api.build.member({ organization });
    const service = await api.build.service(organization, ['notifications:send']);
    const notice = { to: { everyone: true }, type: 'NO_SUCH_TYPE', title: 'News', body: 'All of it.' };
    const asMember = await api.as(member);
    const requests = [
      () => service.post('notifications', notice),
      () => asMember.post('preferences/evaluate', { type: 'NO_SUCH_TYPE' }),
      () => asMember.patch('preferences', choice),
      () => admin.patch('admin/preferences', choice),
    ];
    for (const request of requests) {
      const { status, body } = await request();
      expect(status).toBe(400);
      const [, method, path] = /create it with ([A-Z]+) (\/[^\s.]+)/.exec(body.detail) ?? [];
      expect(body.errors[0].message).toContain(`${method} ${path}`);
      const route = path!.replace('{type}', 'NO_SUCH_TYPE');

      expect((await admin.send(method!, route, { default_channels: {} })).status).toBe(201);
      expect((await request()).status).toBeLessThan(300);

      await asMember.patch('preferences', { types: null });
      await admin.delete(route);
    }
  });

  it('is accepted for all organizations, because another one may have it', async () => {
    const answer = await clients['preferences']!.patch('preferences?scope=global', choice);
    expect(answer).toMatchObject({ status: 200, body: { explicit: { global: choice } } });
    expect(answer.body.effective).not.toHaveProperty('NO_SUCH_TYPE');
  });

  it('is limited to 200 types in a global document, over several requests', async () => {
    const types = (from: number, count: number) => ({
      types: many(count, (index) => [`TYPE_${from + index}`, { email: 'off' }]),
    });
    const patch = (body: object) => clients['preferences']!.patch('preferences?scope=global', body);
    await patch({ types: null });
    expect((await patch(types(0, 150))).status).toBe(200);
    expect(await patch(types(150, 51))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'types' }] },
    });
    expect((await patch(types(150, 50))).status).toBe(200);
    await patch({ types: null });
  });
});
