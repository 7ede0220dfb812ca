import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

const api = useApi();

let ann: TestMember;
let asAnn: Client;
let service: Client;

beforeEach(async () => {
  ann = await api.build.member();
  asAnn = await api.as(ann);
  service = await api.build.service(ann.organization, ['notifications:send']);
});

const notify = (title: string, given: object = {}) =>
  service.post('notifications', { to: { users: [ann.id] }, type: 'SYSTEM', title, body: 'x', ...given });

const titles = async (query = '') =>
  (await asAnn.get(`notifications?${query}`)).body.data.map(({ title }: { title: string }) => title);

const newest = async () => (await asAnn.get('notifications?limit=1')).body.data[0] as { id: string };

describe('the feed', () => {
  it('lists notifications in pages, newest first, without a gap', async () => {
    for (let number = 1; number <= 7; number++) await notify(`number ${number}`);
    const pages: string[][] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await asAnn.get(`notifications?limit=3${cursor && `&cursor=${cursor}`}`);
      pages.push(body.data.map(({ title }: { title: string }) => title.split(' ')[1]));
      cursor = body.next_cursor;
    }
    expect(pages).toEqual([['7', '6', '5'], ['4', '3', '2'], ['1']]);
  });

  it('filters by type, status and time', async () => {
    await notify('bill', { type: 'BILLING' });
    await notify('news');
    const { id } = await newest();
    await asAnn.patch(`notifications/${id}`, { status: 'read' });
    expect(await titles('type=BILLING')).toEqual(['bill']);
    expect(await titles('status=read')).toEqual(['news']);
    expect(await titles('status=unread')).toEqual(['bill']);
    expect(await titles('status=archived')).toEqual([]);
    expect(await titles('since=2020-01-01T00:00:00Z')).toEqual(['news', 'bill']);
    expect(await titles('since=2099-01-01T00:00:00Z')).toEqual([]);
  });

  it.each(['status=seen', 'since=yesterday', 'limit=0', 'limit=101', 'cursor=AAAA', 'grouped=1', 'x=1'])(
    'refuses %s',
    async (query) => {
      expect((await asAnn.get(`notifications?${query}`)).status).toBe(400);
    },
  );

  it('neither shows nor counts expired notifications', async () => {
    await notify('for a moment', { expires_at: '2099-01-01T00:00:00Z' });
    expect(await titles()).toEqual(['for a moment']);
    await api.database.query(`UPDATE notifications SET expires_at = now() WHERE user_id = $1`, [ann.id]);
    expect((await asAnn.get('notifications')).body).toMatchObject({ data: [], unread_count: 0 });
  });
});

describe('a notification', () => {
  it('can be read, unread and archived by its owner', async () => {
    await notify('news');
    const { id } = await newest();
    const change = async (status: string) => (await asAnn.patch(`notifications/${id}`, { status })).body;
    expect(await change('read')).toMatchObject({
      status: 'read',
      is_read: true,
      read_at: expect.any(String),
    });
    expect(await change('unread')).toMatchObject({ status: 'unread', is_read: false, read_at: null });
    expect(await change('archived')).toMatchObject({ status: 'archived', is_read: true });
    expect(await titles()).toEqual([]);
    expect(await titles('status=archived')).toEqual(['news']);
    expect((await asAnn.patch(`notifications/${id}`, { status: 'gone' })).status).toBe(400);
  });

  it('does not return once it is deleted', async () => {
    await notify('news');
    const { id } = await newest();
    expect((await asAnn.delete(`notifications/${id}`)).status).toBe(204);
    for (const again of [
      await asAnn.delete(`notifications/${id}`),
      await asAnn.get(`notifications/${id}`),
      await asAnn.patch(`notifications/${id}`, { status: 'unread' }),
    ])
      expect(again.status).toBe(404);
    expect((await asAnn.get('notifications/unread-count')).body).toEqual({ unread_count: 0, by_type: {} });
  });

  it('answers 404 to everybody else on every route', async () => {
    await notify('private');
    const { id } = await newest();
    const colleague = await api.as(await api.build.member({ organization: ann.organization, role: 'admin' }));
    for (const answer of [
      await colleague.get(`notifications/${id}`),
      await colleague.get(`notifications/${id}/explanation`),
      await colleague.patch(`notifications/${id}`, { status: 'read' }),
      await colleague.delete(`notifications/${id}`),
    ])
      expect(answer.status).toBe(404);
    expect(await titles()).toEqual(['private']);
  });
});

describe('POST /notifications/read-all', () => {
  it('leaves notifications after the given bound unread', async () => {
    await notify('one');
    await notify('two');
    const seen = await newest();
    await notify('three');
    const answer = await asAnn.post('notifications/read-all', { before: seen.id });
    expect(answer).toMatchObject({ status: 200, body: { updated: 2, unread_count: 1 } });
    expect(await titles('status=unread')).toEqual(['three']);
    expect((await asAnn.post('notifications/read-all')).body).toEqual({ updated: 1, unread_count: 0 });
  });

  it('can be limited to one type', async () => {
    await notify('bill', { type: 'BILLING' });
    await notify('news');
    const answer = await asAnn.post('notifications/read-all', { type: 'BILLING' });
    expect(answer.body).toEqual({ updated: 1, unread_count: 1 });
    expect(await titles('status=unread')).toEqual(['news']);
  });

  it('refuses a bound that is not a notification of the caller', async () => {
    for (const before of [uuid(), 'x'])
      expect(await asAnn.post('notifications/read-all', { before })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'before' }] },
      });
  });
});
