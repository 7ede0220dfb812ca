import type { INestApplication, Type } from '@nestjs/common';
import {
  AckFrame,
  DrainFrame,
  EndFrame,
  FocusFrame,
  HelloFrame,
  PresenceFrame,
  StateFrame,
  SyncFrame,
  TypeFrame,
  TypingFrame,
} from '../realtime/frames.js';
import { createDocument } from './openapi.js';

interface Message {
  /** The type of the frame. */
  name: string;
  /** In the document, if it is not the type: those of both directions may be the same. */
  key?: string;
  payload: Type;
  /** A response whose fields the frame has too. */
  extends?: string;
  summary: string;
}

const hello = { name: 'hello', payload: HelloFrame, summary: 'Comes first, with the cursor.' };
const sync = {
  name: 'sync',
  payload: SyncFrame,
  extends: 'SyncResponse',
  summary: 'The current state of what changed, as GET /realtime/changes returns it.',
};
const drain = { name: 'drain', payload: DrainFrame, summary: 'Comes before the process stops.' };
const end = { name: 'end', payload: EndFrame, summary: 'Comes before the server ends the stream.' };
const focus = {
  name: 'focus',
  payload: FocusFrame,
  summary: 'Says which threads the client shows. The server confirms it with the same frame.',
};
const ack = { name: 'ack', payload: AckFrame, summary: 'Acknowledges frames.' };
const type = {
  name: 'typing',
  key: 'type',
  payload: TypeFrame,
  summary: 'Says that the person types, every three seconds.',
};
const typing = { name: 'typing', payload: TypingFrame, summary: 'Says who types in a thread in focus.' };
const state = {
  name: 'presence',
  key: 'state',
  payload: StateFrame,
  summary: 'Says whether the person is away.',
};
const presence = {
  name: 'presence',
  payload: PresenceFrame,
  summary: 'Says which people of the threads in focus are online.',
};

/** The frames of each direction: a new frame is a class in frames.ts and an entry here. */
const SERVER_FRAMES: Message[] = [hello, sync, drain, focus, typing, presence];
const CLIENT_FRAMES: Message[] = [focus, ack, type, state];
const STREAM_FRAMES: Message[] = [hello, sync, drain, end];
const MESSAGES = [...new Set([...SERVER_FRAMES, ...CLIENT_FRAMES, ...STREAM_FRAMES])];

const DESCRIPTION = `What Tidings sends while something changes: over a WebSocket with the subprotocol \`tidings.v2\`, and as server-sent events. docs/realtime.md describes the protocol, openapi.json the HTTP API. The schemas have the same names and content as there.

Clients must ignore frames and fields that they do not know.`;

const CURSOR = {
  type: 'string',
  maxLength: 1500,
  description: 'The cursor of the last applied frame, or the Tidings-Cursor of what the client has loaded.',
};

/** Creates the AsyncAPI 3.0 document of the frames, whose schemas are those of the OpenAPI document. */
export function createAsyncApi(app: INestApplication): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tidings live updates',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      websocket: {
        address: '/api/v1/realtime',
        title: 'WebSocket',
        description:
          'A WebSocket with the subprotocol `tidings.v2`. Browsers send the token as the next subprotocol, other clients in Authorization. The server closes with 1001, 4400, 4401, 4403 or 4429.',
        messages: references('components', [...SERVER_FRAMES, ...CLIENT_FRAMES]),
        bindings: {
          ws: {
            method: 'GET',
            query: { type: 'object', properties: { cursor: CURSOR } },
            bindingVersion: '0.1.0',
          },
        },
      },
      stream: {
        address: '/api/v1/realtime/stream',
        title: 'Event stream',
        description:
          'Server-sent events. The data of each event is a frame, and its id is the cursor, with which Last-Event-ID continues.',
        messages: references('components', STREAM_FRAMES),
      },
    },
    operations: {
      sendFrames: operation('send', 'websocket', 'Frames of the server', SERVER_FRAMES),
      receiveFrames: operation('receive', 'websocket', 'Frames of the client', CLIENT_FRAMES),
      sendEvents: operation('send', 'stream', 'Events of the server', STREAM_FRAMES),
    },
    components: {
      messages: Object.fromEntries(
        MESSAGES.map(({ name, key = name, payload, summary }) => [
          key,
          { name, title: name, summary, payload: { $ref: `${SCHEMAS}${payload.name}` } },
        ]),
      ),
      schemas: schemasOf(app),
      securitySchemes: {
        person: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The token of a person.',
        },
      },
    },
  };
}

const SCHEMAS = '#/components/schemas/';

const references = (place: string, messages: Message[]): object =>
  Object.fromEntries(messages.map(({ name, key = name }) => [key, { $ref: `#/${place}/messages/${key}` }]));

const operation = (
  action: 'send' | 'receive',
  channel: string,
  title: string,
  messages: Message[],
): object => ({
  action,
  channel: { $ref: `#/channels/${channel}` },
  title,
  security: [{ $ref: '#/components/securitySchemes/person' }],
  messages: Object.values(references(`channels/${channel}`, messages)),
});

/** The schemas of the frames, and those that they refer to. */
function schemasOf(app: INestApplication): Record<string, object> {
  const { components } = createDocument(
    app,
    MESSAGES.map(({ payload }) => payload),
  );
  const all: Record<string, object> = { ...components?.schemas };
  for (const { payload, extends: base } of MESSAGES) {
    if (base) all[payload.name] = { allOf: [{ $ref: SCHEMAS + base }, all[payload.name]!] };
  }
  const used = new Set(MESSAGES.map(({ payload }) => payload.name));
  // A set goes on to what is added while it is read.
  for (const name of used) {
    for (const [, other] of JSON.stringify(all[name]).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      used.add(other!);
  }
  return Object.fromEntries([...used].toSorted().map((name) => [name, all[name]!]));
}
