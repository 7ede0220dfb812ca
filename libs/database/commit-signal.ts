import { Injectable } from '@nestjs/common';

type Listener = (organizationId: string) => void;

/**
 * Says within this process that a transaction of an organization was committed, which may have changed something. A
 * crash loses the call, so whoever listens must also look from time to time.
 */
@Injectable()
export class CommitSignal {
  private readonly listeners: Listener[] = [];

  committed(organizationId: string): void {
    for (const listener of this.listeners) listener(organizationId);
  }

  onCommit(listener: Listener): void {
    this.listeners.push(listener);
  }
}
