import { beforeEach, expect } from 'vitest';
import type { Client, TestApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

/** Three members who send messages, and the feeds of those who are notified. */
export class Feeds {
  organization!: TestOrganization;
  ann!: TestMember;
  bob!: TestMember;
  carol!: TestMember;
  asAnn!: Client;
  asBob!: Client;
  asCarol!: Client;

  constructor(private readonly api: TestApi) {}

  async build(): Promise<void> {
    this.organization = await this.api.build.organization();
    const member = () => this.api.build.member({ organization: this.organization });
    [this.ann, this.bob, this.carol] = await Promise.all([member(), member(), member()]);
    [this.asAnn, this.asBob, this.asCarol] = (await Promise.all(
      [this.ann, this.bob, this.carol].map((one) => this.api.as(one)),
    )) as [Client, Client, Client];
  }

  /** Sends from Ann to Bob. */
  send = async (content = 'hello') =>
    (await this.asAnn.post('messages/send', { recipient: this.bob.id, content })).body as {
      message_id: string;
      thread_id: string;
    };

  /** Starts a group of Ann and others. */
  group = async (...others: TestMember[]) =>
    (
      await this.asAnn.post('messages/threads', {
        participant_ids: others.map(({ id }) => id),
        subject: 'Us',
      })
    ).body as { id: string };

  of = async (client: Client, query = '') =>
    (await client.get(`notifications?${query}`)).body as { data: any[]; unread_count: number };

  /** Waits until the outbox is empty: then everybody has been notified. */
  async complete(): Promise<void> {
    const waiting = () => this.api.database.query('SELECT type FROM outbox');
    await expect.poll(waiting, { timeout: 10_000, interval: 10 }).toEqual([]);
  }
}

export function useFeeds(api: TestApi): Feeds {
  const feeds = new Feeds(api);
  beforeEach(() => feeds.build());
  return feeds;
}
