// @vitest-environment happy-dom
import { focusManager, onlineManager } from '@tanstack/react-query';
import {
  useBlockUser,
  useBlockedUsers,
  useMe,
  useMembers,
  useOversight,
  useOversightMessages,
  useOversightVersions,
  useUnblockUser,
} from '@tidings/client/react';
import { createElement as h } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { json, problem } from '../fake-fetch.js';
import { type FakeServer, THREAD, later } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { mount, settle, uses } from './mount.js';
import { all } from './parts.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

const queryOf = (path: string) => new URLSearchParams(path.split('?')[1]);

describe('people', () => {
  it('see who they are', async () => {
    server.answers.set('GET me', () => json({ username: 'ada', permissions: ['messages:monitor'] }));
    const shown = uses(useMe, ({ data }) => data?.username);
    const page = mount(server.tidings, all([shown, shown]));
    await settle();
    expect(page.text()).toBe('adaada');
    expect(server.requests).toEqual(['GET me']);
  });

  it('are found although the browser says that it is offline', async () => {
    server.answers.set('GET members', () => json({ data: [{}, {}], next_cursor: null }));
    onlineManager.setOnline(false);
    const page = mount(server.tidings, h(uses(useMembers, ({ data }) => data?.length)));
    await settle();
    onlineManager.setOnline(true);
    expect(page.text()).toBe('2');
  });

  it('are found page by page, and stay while another text is searched', async () => {
    const answer = later();
    server.answers.set('GET members', ({ path }) =>
      queryOf(path).get('query') === 'the'
        ? json({
            data: [{ username: queryOf(path).has('cursor') ? 'thea' : 'theo' }],
            next_cursor: queryOf(path).has('cursor') ? null : 'c',
          })
        : answer.answer,
    );
    let query = 'the';
    const shown = uses(
      () => useMembers({ query }),
      ({ data, hasNextPage }) => [data?.map(({ username }) => username).join('+'), hasNextPage],
    );
    const page = mount(server.tidings, h(shown));
    await settle();
    await Promise.all([shown.latest.current.fetchNextPage(), settle()]);
    await settle();
    expect(page.text()).toBe('theo+thea,false');
    query = 'um';
    page.render(h(shown));
    await settle();
    expect(page.text()).toBe('theo+thea,false');
    answer.respond(json({ data: [{ username: 'uma' }], next_cursor: null }));
    await settle();
    expect(page.text()).toBe('uma,false');
  });

  it('are in the list of blocked people once they are blocked, and no longer once they are unblocked', async () => {
    let blocked: object[] = [];
    const list = () => json({ data: blocked, next_cursor: null });
    server.answers.set('GET messages/users/blocked', list);
    server.answers.set('POST messages/users/theo/block', () => void (blocked = [{ username: 'theo' }]));
    server.answers.set('DELETE messages/users/theo/block', () => void (blocked = []));
    const [people, block, unblock] = [
      uses(useBlockedUsers, ({ data }) => data?.map(({ username }) => username)),
      uses(useBlockUser),
      uses(useUnblockUser),
    ];
    const page = mount(server.tidings, all([people, block, unblock]));
    await settle();
    const answer = later();
    server.answers.set('GET messages/users/blocked', () => answer.answer);
    block.latest.current.mutate('theo');
    await settle();
    expect(block.latest.current.isPending).toBe(true);
    server.answers.set('GET messages/users/blocked', list);
    answer.respond(list());
    await settle();
    expect(block.latest.current.isPending).toBe(false);
    expect(page.text()).toBe('theo');
    await unblock.latest.current.mutateAsync('theo');
    await settle();
    expect(page.text()).toBe('');
  });
});

describe('oversight', () => {
  it('asks nothing without a reason, and once with one', async () => {
    server.answers.set('GET admin/threads', () => json({ data: [{ id: THREAD }], next_cursor: null }));
    server.answers.set(`GET admin/threads/${THREAD}/messages`, () => problem(403, 'forbidden'));
    let reason = '';
    const shown = uses(
      () => useOversight({ reason, person: 'theo' }),
      ({ data }) => data?.length ?? '',
    );
    const refused = uses(
      () => useOversightMessages(THREAD, { reason }),
      ({ error }) => error?.code ?? '',
    );
    server.answers.set('GET admin/messages/m1/versions', () => json({ data: [{}, {}], next_cursor: null }));
    const versions = uses(
      () => useOversightVersions('m1', { reason }),
      ({ data }) => data?.length ?? '',
    );
    const page = mount(server.tidings, all([shown, refused, versions]));
    await settle();
    expect(server.sent).toEqual([]);
    reason = 'Complaint 2031';
    page.render(all([shown, refused, versions]));
    await settle();
    expect(page.text()).toBe('1forbidden2');
    page.render(all([shown, refused, versions, shown]));
    await settle();
    focusManager.setFocused(true);
    await settle();
    focusManager.setFocused(undefined);
    expect(server.sent.map(({ path, headers }) => [path, headers['X-Access-Reason']])).toEqual([
      ['admin/threads?person=theo', reason],
      [`admin/threads/${THREAD}/messages`, reason],
      ['admin/messages/m1/versions', reason],
    ]);
    page.render(null);
    await settle(1);
    expect(page.queryClient.getQueryCache().getAll()).toEqual([]);
  });
});
