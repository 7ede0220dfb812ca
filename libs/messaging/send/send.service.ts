import { Injectable } from '@nestjs/common';
import { Database, constraintOf } from '#database';
import { type PersonCaller } from '#identity';
import { Problem } from '#problem';
import type { Send, Sent } from './send-policy.js';
import { sendBatch, sendBatchWithoutWaiting } from './send-batch.js';
import type { MessageInput } from './send.queries.js';

@Injectable()
export class SendService {
  private readonly batched: (organizationId: string, send: Send) => Promise<Sent | Problem>;

  constructor(private readonly database: Database) {
    this.batched = database.batchedTransaction(sendBatch, sendBatchWithoutWaiting);
  }

  /** To a person, in the direct thread with them, which is made if there is none. */
  toPerson(caller: PersonCaller, person: string, input: MessageInput): Promise<Sent> {
    return this.send(caller, { ...senderOf(caller), to: { person }, input });
  }

  toThread(caller: PersonCaller, threadId: string, input: MessageInput): Promise<Sent> {
    return this.send(caller, { ...senderOf(caller), to: { threadId }, input });
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
    if (!caller.idempotency) return orThrow(await this.batched(caller.organizationId, send));
    return this.database.organizationTransaction(caller, async (tx) => {
      const [outcome] = await sendBatch(tx, [send]);
      return orThrow(outcome!);
    });
  }
}

const senderOf = ({ userId, keyId }: PersonCaller) => ({ senderId: userId, apiKeyId: keyId });

function orThrow(outcome: Sent | Problem): Sent {
  if (outcome instanceof Problem) throw outcome;
  return outcome;
}
