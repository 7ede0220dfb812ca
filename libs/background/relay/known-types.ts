import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { EVENT_TYPES } from '#events';

/**
 * The event types that this worker may claim: those of this version, of which some have no handler and are only
 * removed, and those with a handler. Any other type belongs to a newer version and is left to its workers.
 */
@Injectable()
export class KnownTypes {
  constructor(private readonly emitter: EventEmitter2) {}

  get all(): string[] {
    return [...new Set([...EVENT_TYPES, ...this.emitter.eventNames().map(String)])];
  }
}
