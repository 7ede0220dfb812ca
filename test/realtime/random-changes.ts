import type { Reader } from './changes-model.js';

type Answer = Awaited<ReturnType<Reader['get']>>;

/** Whoever changes something. */
export interface Author {
  id: string;
  client: Reader &
    Record<'post' | 'patch', (path: string, body?: unknown) => Promise<Answer>> & {
      delete(path: string): Promise<Answer>;
    };
}

export const anyOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

/** What people do in threads, at random. Much of it is refused, because they leave and block each other. */
export class RandomChanges {
  /** What may be edited and deleted. */
  readonly sent: { by: Author; id: string }[] = [];

  constructor(
    private readonly people: Author[],
    private readonly groups: string[],
    private readonly threads: string[],
    /** Beside 12 other changes. Each makes a client load everything again. */
    private readonly blocks = 0.3,
  ) {}

  async send(by: Author, thread = anyOf(this.threads)): Promise<Answer> {
    const answer = await by.client.post(`messages/threads/${thread}/messages`, {
      content: `text ${Math.random()}`,
    });
    if (answer.status === 201) this.sent.push({ by, id: answer.body.id as string });
    return answer;
  }

  change({ id, client }: Author): Promise<Answer> {
    const thread = anyOf(this.threads);
    const group = anyOf(this.groups);
    const message = anyOf(this.sent);
    const author = message.by.client;
    const other = anyOf(this.people);
    const changes: [weight: number, change: () => Promise<Answer>][] = [
      [2, () => author.patch(`messages/${message.id}`, { content: `edit ${Math.random()}` })],
      [1, () => client.delete(`messages/${message.id}?scope=me`)],
      [1, () => author.delete(`messages/${message.id}?scope=everyone`)],
      [3, () => client.post(`messages/threads/${thread}/read`, {})],
      [1, () => client.patch(`messages/threads/${thread}`, { subject: `subject ${Math.random()}` })],
      [1, () => client.patch(`messages/threads/${thread}`, { archived: Math.random() < 0.5 })],
      [1, () => client.delete(`messages/threads/${group}/participants/${id}`)],
      [2, () => client.post(`messages/threads/${group}/participants`, { user_id: other.id })],
      [this.blocks, () => client.post(`messages/users/${other.id}/block`)],
      [2 * this.blocks, () => client.delete(`messages/users/${other.id}/block`)],
      [0.5, () => client.post('notifications/read-all', {})],
    ];
    let at = Math.random() * changes.reduce((sum, [weight]) => sum + weight, 0);
    return changes.find(([weight]) => (at -= weight) < 0)![1]();
  }
}
