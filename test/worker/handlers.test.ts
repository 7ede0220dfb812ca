import { EventEmitter2 } from '@nestjs/event-emitter';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ModulesContainer } from '@nestjs/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type SecondApi, startSecondApi } from '../support/second-api.js';

const withWorker = useApi();

let withoutWorker: SecondApi;

beforeAll(async () => {
  withoutWorker = await startSecondApi(withWorker.database);
});

afterAll(() => withoutWorker.stop());

const HANDLED = [
  'delivery.requested',
  'member.erased',
  'member.erasing',
  'member.leaving',
  'member.removed',
  'message.deleted',
  'message.edited',
  'message.sent',
  'notification.created',
  'notification.requested',
  'notification.retracted',
  'notifications.reading',
  'participant.joined',
  'preferences.changed',
  'thread.created',
  'thread.read',
  'user.deleting',
  'webhook.disabled',
];

/** The event types for which a provider of the application has a method that Nest would register. */
function handledBy(app: NestFastifyApplication): string[] {
  const providers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.providers.values(),
  ]);
  const types = providers.flatMap(({ metatype }) => {
    const methods = Object.values(Object.getOwnPropertyDescriptors(metatype?.prototype ?? {}));
    return methods.flatMap(({ value }) =>
      typeof value === 'function'
        ? ((Reflect.getMetadata('EVENT_LISTENER_METADATA', value) ?? []) as { event: string }[])
        : [],
    );
  });
  return [...new Set(types.map(({ event }) => event))].toSorted();
}

it('registers the handlers of events in a server with a worker', () => {
  expect(handledBy(withWorker.app)).toEqual(HANDLED);
  expect(withWorker.app.get(EventEmitter2).eventNames().map(String).toSorted()).toEqual(HANDLED);
});

it('registers no handler of events in a server with WORKER=off', () => {
  expect(handledBy(withoutWorker.app)).toEqual([]);
  expect(() => withoutWorker.app.get(EventEmitter2)).toThrow('could not find EventEmitter');
});
