/** Ends a wait early. A ring before the wait began ends it at once, so no ring is lost. */
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
