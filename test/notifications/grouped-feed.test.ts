import { describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import { useFeeds } from './feeds.js';

const api = useApi();
const feeds = useFeeds(api);

describe('a grouped feed', () => {
  it('shows the newest unread notification of a thread with the count', async () => {
    await feeds.send('one');
    await feeds.send('two');
    await feeds.complete();
    await feeds.asCarol.post('messages/send', { recipient: feeds.bob.id, content: 'from carol' });
    await feeds.complete();
    await feeds.send('three');
    await feeds.complete();
    const { data, unread_count } = await feeds.of(feeds.asBob, 'grouped=true');
    expect(data).toMatchObject([
      { body: 'three', count: 3 },
      { body: 'from carol', count: 1 },
    ]);
    expect(unread_count).toBe(4);
    await feeds.asBob.patch(`notifications/${data[0].id}`, { status: 'read' });
    expect((await feeds.of(feeds.asBob, 'grouped=true')).data).toMatchObject([
      { body: 'three', count: 1, is_read: true },
      { body: 'from carol', count: 1 },
      { body: 'two', count: 2 },
    ]);
  });

  it('shows and counts only visible notifications of a group', async () => {
    const { id } = await feeds.group(feeds.bob, feeds.carol);
    const posts = async (client: Client, content: string) => {
      await client.post(`messages/threads/${id}/messages`, { content });
      await feeds.complete();
    };
    await feeds.complete();
    await feeds.asBob.post('notifications/read-all');
    await posts(feeds.asAnn, 'from ann');
    await posts(feeds.asCarol, 'from carol');
    await posts(feeds.asCarol, 'from carol again');
    const shown = async () => (await feeds.of(feeds.asBob, 'grouped=true&status=unread')).data;
    expect(await shown()).toMatchObject([{ body: 'from carol again', count: 3 }]);
    await feeds.asBob.post(`messages/users/${feeds.carol.id}/block`);
    expect(await shown()).toMatchObject([{ body: 'from ann', count: 1 }]);
    await feeds.asBob.delete(`messages/users/${feeds.carol.id}/block`);
    await api.database.query(`UPDATE notifications SET expires_at = now() WHERE body = 'from carol again'`);
    expect(await shown()).toMatchObject([{ body: 'from carol', count: 2 }]);
  });
});
