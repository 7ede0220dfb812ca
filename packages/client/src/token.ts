import type { Credentials } from './http.js';

/**
 * Returns the token of the person who is signed in to your product. `refused` means that the server refused the last
 * one: get a new one.
 *
 * @example
 * const getToken: GetToken = async () => (await fetch('/tidings-token')).text();
 */
export type GetToken = (reason: 'first' | 'refused') => string | Promise<string>;

/** The token, asked for once however many requests need it. */
export class Token {
  #pending?: Promise<string>;

  constructor(private readonly getToken: GetToken) {}

  get(): Promise<string> {
    return (this.#pending ??= this.#ask('first'));
  }

  /** Returns a token other than the refused one. Another request may have asked for it already. */
  async replace(refused: string): Promise<string> {
    const pending = this.#pending;
    const current = await pending?.catch(() => undefined);
    if (current === refused && this.#pending === pending) this.#pending = this.#ask('refused');
    return this.get();
  }

  async #ask(reason: 'first' | 'refused'): Promise<string> {
    try {
      return await this.getToken(reason);
    } catch (error) {
      this.#pending = undefined;
      throw error;
    }
  }
}

/** Names the person whose token it is, within one server. undefined if it is not a token of Tidings. */
export function personOf(token: string): string | undefined {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    const { org, sub } = JSON.parse(atob(payload)) as { org?: string; sub?: string };
    return org && sub && `${org} ${sub}`;
  } catch {
    return undefined;
  }
}

/** The credentials of the person: another token, once, if the server refuses the first. */
export const withToken =
  (token: Token): Credentials =>
  async (send) => {
    const sent = await token.get();
    const response = await send(bearer(sent));
    return response.status === 401 ? send(bearer(await token.replace(sent))) : response;
  };

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
