/** What must be stopped and removed at the end, whatever the end is: the last first. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];
  private running?: Promise<void>;

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /** Runs a program, cleans up after it, also after Ctrl-C, and ends the process. */
  async after(program: () => Promise<void>): Promise<never> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void this.run().then(() => process.exit(130)));
    }
    try {
      await program();
    } catch (error) {
      // After Ctrl-C all fails, as it should.
      if (!this.running) console.error(error);
      process.exitCode = 1;
    }
    await this.run();
    process.exit();
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
