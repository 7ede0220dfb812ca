/** What must be stopped and removed at the end, whatever the end is: the last first. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];
  private running?: Promise<void>;

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  run(): Promise<void> {
    return (this.running ??= this.runAll());
  }

  private async runAll(): Promise<void> {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        // The others are there to be stopped all the same.
        console.error(error);
      }
    }
  }
}
