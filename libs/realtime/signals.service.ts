import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { PersonCaller } from '#identity';
import { mayType } from '#messaging';
import { PresenceHub } from './presence-hub.js';
import { PresenceLeases } from './presence-leases.js';
import { SignalConnection } from './signal-connection.js';
import type { SignalListener } from './signal-viewer.js';
import { TypingHub } from './typing-hub.js';

/** Typing and presence: what people do at this moment. None of it is written to a logged table. */
@Injectable()
export class SignalsService {
  constructor(
    private readonly database: Database,
    private readonly typing: TypingHub,
    private readonly presence: PresenceHub,
    private readonly leases: PresenceLeases,
  ) {}

  /** The person is online from now on, until the connection is closed. */
  open(caller: PersonCaller, listener: SignalListener): SignalConnection {
    const { typing, presence, leases } = this;
    return new SignalConnection(caller, listener, {
      typing,
      presence,
      leases,
      mayType: (threadId) =>
        this.database.tenantRead(caller, (tx) => mayType(tx, caller, threadId)).catch(() => false),
    });
  }
}
