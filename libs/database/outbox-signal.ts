import { Injectable } from '@nestjs/common';

/** Announces new events within the process. A missed signal only costs time, because the relay also polls. */
@Injectable()
export class OutboxSignal {
  private readonly listeners: (() => void)[] = [];

  nudge(): void {
    for (const listener of this.listeners) listener();
  }

  onNudge(listener: () => void): void {
    this.listeners.push(listener);
  }
}
