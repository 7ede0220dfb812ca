import { Injectable, Logger } from '@nestjs/common';
import { Database, constraintOf, isLockTimeout } from '#database';
import { type PersonCaller } from '#identity';
import { Problem } from '#problem';
import type { Send, Sent } from './send-policy.js';
import { sendWith, sendWithoutListener, sendWithoutWaiting } from './send-batch.js';
import { SendListener, SendListenerError } from './send-listener.js';
import type { MessageInput } from './send.queries.js';

@Injectable()
export class SendService {
  private readonly logger = new Logger('SendService');
  private readonly batched: (organizationId: string, send: Send) => Promise<Sent | Problem>;

  constructor(
    private readonly database: Database,
    private readonly listener: SendListener,
  ) {
    this.batched = database.batchedTransaction(sendWith(listener), (error) => {
      if (error instanceof SendListenerError) {
        this.logger.warn(`${error.message}, retrying without it: the handlers of message.sent will notify`);
        return sendWithoutListener;
      }
      return isLockTimeout(error) ? sendWithoutWaiting : undefined;
    });
  }

  /** Sends to the direct thread with a person, and creates it if there is none. */
  toPerson(caller: PersonCaller, person: string, input: MessageInput): Promise<Sent> {
    return this.send(caller, { ...senderOf(caller), to: { person }, input });
  }

  toThread(caller: PersonCaller, threadId: string, input: MessageInput): Promise<Sent> {
    return this.send(caller, { ...senderOf(caller), to: { threadId }, input });
  }

  /**
   * If two requests with one client_token race, the unique key rejects the second, which then finds the first message.
   */
  private async send(caller: PersonCaller, send: Send): Promise<Sent> {
    try {
      return await this.once(caller, send);
    } catch (error) {
      if (constraintOf(error) !== 'messages_client_token') throw error;
      return this.once(caller, send);
    }
  }

  /**
   * A request with an Idempotency-Key gets its own transaction, because its result is stored in the same transaction.
   */
  private async once(caller: PersonCaller, send: Send): Promise<Sent> {
    if (!caller.idempotency) return orThrow(await this.batched(caller.organizationId, send));
    const alone = (how: ReturnType<typeof sendWith>) =>
      this.database.organizationTransaction(caller, async (tx) => orThrow((await how(tx, [send]))[0]!));
    try {
      return await alone(sendWith(this.listener, { commits: false }));
    } catch (error) {
      if (!(error instanceof SendListenerError)) throw error;
      return alone(sendWithoutListener);
    }
  }
}

const senderOf = ({ userId, keyId }: PersonCaller) => ({ senderId: userId, apiKeyId: keyId });

function orThrow(outcome: Sent | Problem): Sent {
  if (outcome instanceof Problem) throw outcome;
  return outcome;
}
