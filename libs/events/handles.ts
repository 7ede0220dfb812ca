import { OnEvent } from '@nestjs/event-emitter';
import type { EventMap, EventType } from './event-map.js';

/** An event as the relay hands it on. It may come more than once, and to more than one worker. */
export interface RecordedEvent<Type extends EventType> {
  organizationId: string;
  id: string;
  type: Type;
  payload: EventMap[Type];
  createdAt: Date;
}

type Handler<Type extends EventType> = (event: RecordedEvent<Type>) => Promise<void>;

/** A method that handles events of this type. What it throws has the event tried again, which Nest would swallow. */
export const Handles =
  <Type extends EventType>(type: Type) =>
  (target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Handler<Type>>): void => {
    OnEvent(type, { suppressErrors: false })(target, name, descriptor);
  };
