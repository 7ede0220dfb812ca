import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventEmitter2, EventEmitterReadinessWatcher } from '@nestjs/event-emitter';
import { WakeSignal } from '#batching';
import { type ClaimedEvent, Outbox } from '#outbox';
import { OutboxSignal, sqlStateOf } from '#database';
import { InFlight } from './in-flight.js';
import { KnownTypes } from './known-types.js';

const POLL_MILLISECONDS = 1000;
/**
 * From one claim to the next, so that events form batches: ten events in one batch cost twice as much as one event
 * alone. The first event after a pause never waits.
 */
const CLAIM_MILLISECONDS = 50;
/**
 * The next claim waits at most this long for the events of the previous one, so that events of fast handlers form
 * batches.
 */
const BATCH_MILLISECONDS = 100;
/** A third of a lease. */
const RENEW_MILLISECONDS = 2000;
const MAX_ATTEMPTS = 12;
const MAX_DELAY_SECONDS = 600;

/**
 * Hands events from the outbox to their handlers, and deletes each once all of its handlers have succeeded.
 * Organizations share what is claimed, so slow events of one do not delay those of another. Any number of relays may
 * run: two may handle the same event when the first was slow or died, and handlers are idempotent.
 */
@Injectable()
export class Relay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly wakeSignal = new WakeSignal();
  private readonly logger = new Logger('Relay');
  private readonly inFlight = new InFlight();
  private readonly handling = new Set<Promise<void>>();
  private handled: ClaimedEvent[] = [];
  private running?: Promise<void>;
  private renewing = Promise.resolve();
  private isStopping = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly emitter: EventEmitter2,
    private readonly handlers: EventEmitterReadinessWatcher,
    private readonly known: KnownTypes,
    signal: OutboxSignal,
  ) {
    signal.onNudge(() => this.wakeSignal.ring());
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Runs before Nest removes the handlers: an event that is emitted without a handler would count as handled. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.wakeSignal.ring();
    await this.running;
  }

  private async run(): Promise<void> {
    await this.handlers.waitUntilReady();
    const renewal = setInterval(() => this.renew(), RENEW_MILLISECONDS);
    while (!this.isStopping) await this.handleNext();
    await Promise.all(this.handling);
    await this.deleteHandled();
    clearInterval(renewal);
  }

  private async handleNext(): Promise<void> {
    this.wakeSignal.reset();
    await this.deleteHandled();
    const nextAt = performance.now() + CLAIM_MILLISECONDS;
    const { events, isMore } = await this.claim();
    const all = Promise.all(events.map((event) => this.begin(event)));
    if (events.length === 0) await this.wakeSignal.wait(POLL_MILLISECONDS);
    else await within(BATCH_MILLISECONDS, all);
    await this.deleteHandled();
    if (events.length > 0 && !isMore) await delay(Math.max(0, nextAt - performance.now()));
  }

  /** isMore: the claim took as many events as its limits allow, so more are probably due. */
  private async claim(): Promise<{ events: ClaimedEvent[]; isMore: boolean }> {
    try {
      const shares = this.inFlight.share(await this.outbox.findOrganizations());
      const events = await this.outbox.claim(shares, this.known.all);
      const room = shares.reduce((sum, { limit }) => sum + limit, 0);
      return { events, isMore: events.length === room };
    } catch (error) {
      this.logger.warn(`Claiming events failed, retrying in 1 s: ${String(error)}`);
      return { events: [], isMore: false };
    }
  }

  /**
   * If a renewal fails, the leases may end and events be claimed again. Handlers are idempotent, so this only costs
   * time.
   */
  private renew(): void {
    if (this.inFlight.size === 0) return;
    this.renewing = this.outbox
      .renew(this.inFlight.all)
      .catch((error: unknown) =>
        this.logger.warn(`Renewing leases failed, retrying in 2 s: ${String(error)}`),
      );
  }

  private async begin(event: ClaimedEvent): Promise<void> {
    this.inFlight.add(event);
    const handling = this.handle(event);
    this.handling.add(handling);
    await handling;
    this.handling.delete(handling);
    this.wakeSignal.ring();
  }

  /** If a handler fails, the event is no longer in flight, and is retried later or becomes a dead letter. */
  private async handle(event: ClaimedEvent): Promise<void> {
    try {
      await this.emitter.emitAsync(event.type, event);
      this.handled.push(event);
    } catch (error) {
      this.inFlight.delete(event);
      await this.handleFailure(event, describe(error));
    }
  }

  /** Deletes handled events. If that fails, they are claimed and handled again, without further effect. */
  private async deleteHandled(): Promise<void> {
    // A renewal changes run_at, which is part of the key of an event.
    await this.renewing;
    const events = this.handled;
    this.handled = [];
    for (const event of events) this.inFlight.delete(event);
    await this.outbox
      .deleteHandled(events)
      .catch((error: unknown) =>
        this.logger.warn(`Deleting handled events failed, they will be handled again: ${String(error)}`),
      );
  }

  private async handleFailure(event: ClaimedEvent, error: string): Promise<void> {
    const isLast = event.attempts >= MAX_ATTEMPTS;
    const { id, type, attempts } = event;
    const seconds = Math.min(MAX_DELAY_SECONDS, 2 ** attempts) * (0.5 + Math.random() / 2);
    const next = isLast ? 'it is a dead letter now' : `retrying in ${Math.round(seconds)} s`;
    this.logger.warn(`Event ${id} (${type}) failed ${attempts} times, ${next}: ${error}`);
    await this.renewing;
    const done = isLast
      ? this.outbox.moveToDeadLetters(event, error)
      : this.outbox.postpone(event, seconds, error);
    // If this fails, the event is claimed again when its lease ends.
    await done.catch((problem: unknown) =>
      this.logger.warn(`Postponing event ${id} failed, retrying when its lease ends: ${String(problem)}`),
    );
  }
}

/** Waits for the work, but not longer than this. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const late = delay(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work, late]);
  timer.abort();
}

/** Leaves out the message of a database error, because it quotes values of an organization. */
function describe(error: unknown): string {
  const sqlState = sqlStateOf(error);
  return sqlState ? `SQLSTATE ${sqlState}` : String(error).slice(0, 500);
}
