import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventEmitter2, EventEmitterReadinessWatcher } from '@nestjs/event-emitter';
import { Alarm, type ClaimedEvent, Outbox, OutboxSignal, sqlStateOf } from '#database';

const BATCH = 100;
const AT_ONCE = 6;
const POLL_MILLISECONDS = 1000;
const MOST_ATTEMPTS = 12;
const LONGEST_DELAY_SECONDS = 600;

/**
 * Carries events from the outbox to their handlers, and takes them out once all of these are done. Any number
 * of relays may run: an event that two of them handle, since the first was slow or died, has its effect once.
 */
@Injectable()
export class Relay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly alarm = new Alarm();
  private readonly logger = new Logger('Relay');
  private running?: Promise<void>;
  private isStopping = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly emitter: EventEmitter2,
    private readonly handlers: EventEmitterReadinessWatcher,
    signal: OutboxSignal,
  ) {
    signal.onNudge(() => this.alarm.ring());
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Before Nest takes the handlers away: an event that is emitted to nobody would count as handled. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.alarm.ring();
    await this.running;
  }

  private async run(): Promise<void> {
    await this.handlers.waitUntilReady();
    while (!this.isStopping) {
      this.alarm.reset();
      const handled = await this.handleBatch().catch((error: unknown) => {
        this.logger.warn(`The outbox could not be read: ${String(error)}`);
        return 0;
      });
      if (handled === 0) await this.alarm.wait(POLL_MILLISECONDS);
    }
  }

  private async handleBatch(): Promise<number> {
    const events = await this.outbox.claim(BATCH);
    const done: ClaimedEvent[] = [];
    const waiting = events.values();
    const work = async () => {
      for (const event of waiting) if (await this.handle(event)) done.push(event);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await this.outbox.finish(done);
    return events.length;
  }

  /** False where it failed, and is to come again. */
  private async handle(event: ClaimedEvent): Promise<boolean> {
    try {
      await this.emitter.emitAsync(event.type, event);
      return true;
    } catch (error) {
      await this.putOff(event, describe(error));
      return false;
    }
  }

  private async putOff(event: ClaimedEvent, error: string): Promise<void> {
    const isLast = event.attempts >= MOST_ATTEMPTS;
    const { id, type, attempts } = event;
    this.logger.warn(
      `Event ${id} (${type}) failed ${attempts} times${isLast ? ', and is a dead letter now' : ''}: ${error}`,
    );
    if (isLast) return this.outbox.bury(event, error);
    const seconds = Math.min(LONGEST_DELAY_SECONDS, 2 ** attempts) * (0.5 + Math.random() / 2);
    return this.outbox.postpone(event, seconds, error);
  }
}

/** An error of the database quotes values in its message, and those may be anybody's. */
function describe(error: unknown): string {
  const sqlState = sqlStateOf(error);
  return sqlState ? `SQLSTATE ${sqlState}` : String(error).slice(0, 500);
}
