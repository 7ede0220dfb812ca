import { OnEvent } from '@nestjs/event-emitter';
import type { EventMap, EventType } from '#events';
import { Batcher } from '#batching';
import { handlerPermits } from './handler-permits.js';

/** An event as handlers get it: at least once, possibly on more than one worker. */
export interface RecordedEvent<Type extends EventType> {
  organizationId: string;
  id: string;
  type: Type;
  payload: EventMap[Type];
  createdAt: Date;
}

type Handler<Type extends EventType> = (event: RecordedEvent<Type>) => Promise<void>;

/**
 * Handles the payloads of several events of one organization, oldest first. Returns how many it has handled; it is
 * called again with the rest after other organizations had their turn.
 */
type HandlerOfMany<Type extends EventType> = (
  organizationId: string,
  payloads: EventMap[Type][],
) => Promise<number>;

/** Handles events of this type. Rethrows, so that the relay retries; @OnEvent would swallow the error. */
export const OnOutboxEvent =
  <Type extends EventType>(type: Type) =>
  (target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Handler<Type>>): void => {
    const handle = descriptor.value!;
    descriptor.value = function (event) {
      return handlerPermits.run(event.organizationId, () => handle.call(this, event));
    };
    OnEvent(type, { suppressErrors: false })(target, name, descriptor);
  };

/**
 * The same for a batch of events of one organization, some of them perhaps for the second time. If the batch throws, the
 * method is called for each event alone.
 */
export const OnOutboxEventBatch =
  <Type extends EventType>(type: Type) =>
  (target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<HandlerOfMany<Type>>): void => {
    const handle = descriptor.value!;
    const batchers = new WeakMap<object, Batcher<EventMap[Type]>>();
    const add = function (this: object, { organizationId, payload }: RecordedEvent<Type>): Promise<void> {
      const batcher = batchers.get(this) ?? batcherFor(handle.bind(this));
      batchers.set(this, batcher);
      return batcher.add(organizationId, payload);
    };
    // Only Nest calls it, by its name and with one event.
    descriptor.value = add as unknown as HandlerOfMany<Type>;
    OnEvent(type, { suppressErrors: false })(target, name, descriptor);
  };

const batcherFor = <Type extends EventType>(handle: HandlerOfMany<Type>): Batcher<EventMap[Type]> =>
  new Batcher<EventMap[Type]>(
    async (organizationId, payloads) => {
      const handled = await handle(organizationId, payloads);
      return Array.from({ length: Math.max(1, handled) }, () => undefined);
    },
    { around: (organizationId, work) => handlerPermits.run(organizationId, work) },
  );
