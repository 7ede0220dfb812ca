import { Client, type ClientConfig } from 'pg';

/**
 * A connection that can be lost without harm. While one is handed out, between the pool's listener for errors and
 * its borrower's, there is a moment with none, and an error event without a listener ends the process; whoever
 * waits for an answer is told in any case.
 */
export class LastingClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
