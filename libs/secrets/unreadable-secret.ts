import { Problem } from '#problem';

/**
 * A ciphertext that no key of this process can decrypt. The caller only learns that the secret is currently
 * unavailable.
 */
export class UnreadableSecret extends Problem {
  constructor(
    /** For operators, with the id of the key. */
    readonly explanation: string,
  ) {
    super('unavailable', 'A stored secret cannot be read right now.');
  }
}
