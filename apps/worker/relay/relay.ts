import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventEmitter2, EventEmitterReadinessWatcher } from '@nestjs/event-emitter';
import { Alarm, type ClaimedEvent, Outbox, OutboxSignal, sqlStateOf } from '#database';

const BATCH = 100;
const POLL_MILLISECONDS = 1000;
/**
 * Where more than a few events come at once, those that come next are let gather: to claim, tell and plan ten together
 * costs twice as much as one. What comes alone, and what follows from it, waits for nothing.
 */
const FEW = 4;
const GATHERING_MILLISECONDS = 50;
/** A third of a lease. */
const RENEW_MILLISECONDS = 2000;
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
      else if (handled > FEW && handled < BATCH) await delay(GATHERING_MILLISECONDS);
    }
  }

  private async handleBatch(): Promise<number> {
    const events = await this.outbox.claim(BATCH);
    const held = new Set(events);
    const renewal = setInterval(() => this.renew([...held]), RENEW_MILLISECONDS);
    try {
      await Promise.all(events.map((event) => this.handle(event, held)));
    } finally {
      clearInterval(renewal);
    }
    await this.outbox.finish([...held]);
    return events.length;
  }

  /** Where it cannot, the events come again, here or elsewhere, which costs time only. */
  private renew(events: ClaimedEvent[]): void {
    this.outbox
      .renew(events)
      .catch((error: unknown) => this.logger.warn(`Leases were not renewed: ${String(error)}`));
  }

  /** What failed is held no longer, and comes again. */
  private async handle(event: ClaimedEvent, held: Set<ClaimedEvent>): Promise<void> {
    try {
      await this.emitter.emitAsync(event.type, event);
    } catch (error) {
      held.delete(event);
      await this.putOff(event, describe(error));
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
