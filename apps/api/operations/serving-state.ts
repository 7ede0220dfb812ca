import { Injectable } from '@nestjs/common';

/** Whether the process accepts new work. It becomes false at the first signal of a stop, before anything is closed. */
@Injectable()
export class ServingState {
  private isDraining = false;
  private readonly listeners: (() => void)[] = [];

  get draining(): boolean {
    return this.isDraining;
  }

  set draining(isDraining: boolean) {
    this.isDraining = isDraining;
    if (isDraining) for (const listener of this.listeners) listener();
  }

  onDrain(listener: () => void): void {
    this.listeners.push(listener);
  }
}
