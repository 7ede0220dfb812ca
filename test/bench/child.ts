import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of its own that does jobs, one at a time. What it does costs whoever measures nothing. */
export class Child<Job extends object, Result> {
  private readonly process: ChildProcess;

  /** The script is one that calls answerJobs. */
  constructor(script: string) {
    this.process = fork(fileURLToPath(new URL(script, import.meta.url)), { serialization: 'advanced' });
  }

  get pid(): number {
    return this.process.pid!;
  }

  run(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      const end = (code: number | null) => reject(new Error(`It ended with ${code} in the middle of a job.`));
      this.process.once('exit', end);
      this.process.once('message', (answer: { result: Result } | { error: string }) => {
        this.process.off('exit', end);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.result);
      });
      this.process.send(job);
    });
  }

  stop(): void {
    this.process.kill('SIGKILL');
  }
}

/** In the process itself. Ctrl-C reaches it too, and is for the one that has started it to act on. */
export function answerJobs(run: (job: never) => Promise<unknown>): void {
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (job) => {
    run(job as never).then(
      (result) => process.send!({ result }),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.stack : String(error) }),
    );
  });
}
