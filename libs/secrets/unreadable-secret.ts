import { Problem } from '#problem';

/** A ciphertext that no key of this process can read. A caller learns only that it is not available right now. */
export class UnreadableSecret extends Problem {
  constructor(
    /** For operators: names the id of the key. */
    readonly explanation: string,
  ) {
    super('unavailable', 'A stored secret cannot be read right now.');
  }
}
