import type { PageMessage } from './pages.js';
import type { Session, SharedPart } from './session.js';

interface Draft {
  threadId: string;
  text: string;
}

/** What the person has written and not submitted, by thread. */
export class Drafts implements SharedPart {
  readonly #texts = new Map<string, string>();

  constructor(
    private readonly session: Session,
    private readonly onChange: () => void,
  ) {}

  of = (threadId: string): string => this.#texts.get(threadId) ?? '';

  async load(): Promise<void> {
    for (const { threadId, text } of await this.session.pages.all<Draft>('draft')) {
      // What was typed since is newer.
      if (!this.#texts.has(threadId)) this.#put(threadId, text);
    }
  }

  save(threadId: string, text: string): void {
    this.#put(threadId, text);
    this.session.pages.post({ type: 'draft', threadId, text });
    void this.#keep(threadId);
  }

  receive(message: PageMessage): void {
    if (message.type === 'draft') this.#put(message.threadId, message.text);
  }

  #put(threadId: string, text: string): void {
    this.#texts.set(threadId, text);
    this.onChange();
  }

  async #keep(threadId: string): Promise<void> {
    await this.session.opened;
    const { pages } = this.session;
    const text = this.of(threadId);
    await (text ? pages.put('draft', threadId, { threadId, text }) : pages.remove('draft', threadId));
  }
}
