import { Injectable } from '@nestjs/common';

type Listener = (organizationId: string, userIds: string[]) => void;

/** Says within this process, after the commit, whose feeds have something new. A lost call delays WebSockets by seconds. */
@Injectable()
export class FeedSignal {
  private readonly listeners: Listener[] = [];

  changed(organizationId: string, userIds: string[]): void {
    for (const listener of this.listeners) listener(organizationId, userIds);
  }

  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }
}
