const NAME_WIDTH = 16;

/** Prints the steps of a start with their times, so that nobody waits for a silent process. */
export class StartSteps {
  /** Production prints only log lines. */
  constructor(private readonly isSilent: boolean) {}

  /** Runs one step. The detail describes its result. */
  async run<T>(name: string, work: () => Promise<T>, detail?: (result: T) => string): Promise<T> {
    const begun = performance.now();
    this.print(`  ${name.padEnd(NAME_WIDTH)}`);
    try {
      const result = await work();
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      this.print(`${seconds.padStart(5)} s${detail ? `   ${detail(result)}` : ''}\n`);
      return result;
    } catch (error) {
      this.print(' failed\n');
      throw error;
    }
  }

  private print(text: string): void {
    if (!this.isSilent) process.stdout.write(text);
  }
}
