/** Ends a wait early. One that rang before the wait began ends it at once, so none is missed in between. */
export class WakeSignal {
  private hasRung = false;
  private wake?: () => void;

  ring(): void {
    this.hasRung = true;
    this.wake?.();
  }

  reset(): void {
    this.hasRung = false;
  }

  wait(milliseconds: number): Promise<void> {
    if (this.hasRung) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }
}
