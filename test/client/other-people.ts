import type { Town, Townsman } from '../faults/town.js';
import type { Server } from '../support/process.js';

/** People who write to the first one, directly and in the group. */
export class OtherPeople {
  private readonly sent: { id: string; sender: Townsman }[] = [];

  constructor(
    private readonly town: Town,
    private readonly server: () => Server,
  ) {}

  async write(): Promise<void> {
    const { people, group, groupId } = this.town;
    const sender = any(group.slice(1));
    const [path, body] =
      Math.random() < 0.5
        ? ['messages/send', { recipient: people[0]!.id, content: 'hello' }]
        : [`messages/threads/${groupId}/messages`, { content: 'hello, all' }];
    const { body: sent } = await this.send('POST', path, sender.headers, body);
    this.sent.push({ id: (sent.message_id ?? sent.id) as string, sender });
  }

  async erase(): Promise<void> {
    const message = this.sent.splice(Math.floor(Math.random() * this.sent.length), 1)[0];
    if (message) await this.send('DELETE', `messages/${message.id}?scope=everyone`, message.sender.headers);
  }

  private send = (method: string, path: string, headers: Record<string, string>, body?: object) =>
    this.server().send(method, `/api/v1/${path}`, headers, body);
}

const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
