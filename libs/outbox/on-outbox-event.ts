import { OnEvent } from '@nestjs/event-emitter';
import type { EventMap, EventType } from '#events';
import { Batcher } from '#batching';
import { handlerPermits } from './handler-permits.js';

/** An event as the relay hands it on. It may come more than once, and to more than one worker. */
export interface RecordedEvent<Type extends EventType> {
  organizationId: string;
  id: string;
  type: Type;
  payload: EventMap[Type];
  createdAt: Date;
}

type Handler<Type extends EventType> = (event: RecordedEvent<Type>) => Promise<void>;

/**
 * Handles the payloads of several events of one organization, oldest first. Answers how many of the first it has
 * handled: it is called again with the rest, after other organizations have had their turn.
 */
type HandlerOfMany<Type extends EventType> = (
  organizationId: string,
  payloads: EventMap[Type][],
) => Promise<number>;

/** A method that handles events of this type. What it throws has the event tried again, which Nest would swallow. */
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
 * The same for events that are too many to be handled one by one: the method has those of one organization that come
 * together, some or all of them perhaps for the second time. Where it throws it is called for each of them alone.
 */
export const OnOutboxEventBatch =
  <Type extends EventType>(type: Type) =>
  (target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<HandlerOfMany<Type>>): void => {
    const handle = descriptor.value!;
    const gatherings = new WeakMap<object, Batcher<EventMap[Type]>>();
    const add = function (this: object, { organizationId, payload }: RecordedEvent<Type>): Promise<void> {
      const gathering = gatherings.get(this) ?? batcherFor(handle.bind(this));
      gatherings.set(this, gathering);
      return gathering.add(organizationId, payload);
    };
    // Nest calls it by its name, with one event; nobody else does.
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
