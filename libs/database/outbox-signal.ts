import { Injectable } from '@nestjs/common';

/** Says within this process that there are new events. To miss one costs time only: the relay also looks by itself. */
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
