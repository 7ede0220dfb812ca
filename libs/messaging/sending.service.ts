import { Injectable } from '@nestjs/common';
import { Database, constraintOf } from '#database';
import { type PersonCaller, WHOLE_ORGANIZATION, asOrganization } from '#identity';
import { Problem } from '#problem';
import type { Send, Sent } from './drafting.js';
import { isManager } from './reach.repository.js';
import { sendAll } from './sending.js';
import type { MessageInput } from './sending.repository.js';

@Injectable()
export class Sending {
  private readonly gathered: (organizationId: string, send: Send) => Promise<Sent | Problem>;

  constructor(private readonly database: Database) {
    this.gathered = database.gather(WHOLE_ORGANIZATION, sendAll);
  }

  /** To a person, in the direct thread with them, which is made if there is none. */
  toPerson(caller: PersonCaller, person: string, input: MessageInput): Promise<Sent> {
    return this.send(caller, sendOf(caller, { person }, input));
  }

  toThread(caller: PersonCaller, threadId: string, input: MessageInput): Promise<Sent> {
    return this.send(caller, sendOf(caller, { threadId }, input));
  }

  /** Where two requests with one token race, the second finds out from the unique key, and then sees the first. */
  private async send(caller: PersonCaller, send: Send): Promise<Sent> {
    try {
      return await this.once(caller, send);
    } catch (error) {
      if (constraintOf(error) !== 'messages_client_token') throw error;
      return this.once(caller, send);
    }
  }

  /** The result for an Idempotency-Key is kept in the transaction of its request, which is so one of its own. */
  private async once(caller: PersonCaller, send: Send): Promise<Sent> {
    if (!caller.idempotency) return orThrow(await this.gathered(caller.organizationId, send));
    return this.database.tenantTransaction(asOrganization(caller), async (tx) => {
      const [outcome] = await sendAll(tx, [send]);
      return orThrow(outcome!);
    });
  }
}

const sendOf = (caller: PersonCaller, to: Send['to'], input: MessageInput): Send => ({
  senderId: caller.userId,
  isManager: isManager(caller),
  to,
  input,
});

function orThrow(outcome: Sent | Problem): Sent {
  if (outcome instanceof Problem) throw outcome;
  return outcome;
}
