import { beforeEach, expect } from 'vitest';
import type { Client, TestApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

/** Two people of an organization of which nobody else sends anything. Measures how long a notification takes. */
export function useNotifiedPair(api: TestApi): () => Promise<number> {
  let bob: TestMember;
  let asAnn: Client;
  let asBob: Client;

  /** From a message to Bob until he is notified of it. */
  async function milliseconds(): Promise<number> {
    const count = async () => (await asBob.get('notifications/unread-count')).body.unread_count as number;
    const before = await count();
    const since = performance.now();
    await asAnn.post('messages/send', { recipient: bob.id, content: 'hello' });
    await expect.poll(count, { timeout: 60_000, interval: 10 }).toBe(before + 1);
    return performance.now() - since;
  }

  beforeEach(async () => {
    bob = await api.build.member();
    [asAnn, asBob] = [
      await api.as(await api.build.member({ organization: bob.organization })),
      await api.as(bob),
    ];
    await milliseconds();
  });
  return milliseconds;
}
