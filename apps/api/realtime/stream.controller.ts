import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow, CurrentCaller, type Credentials } from '#access';
import { decodeCursor } from '#change-log';
import { CONFIG, type Config } from '#config';
import type { PersonCaller } from '#identity';
import { Problem, invalidField } from '#problem';
import { RequestAdmission } from '../http/admission.js';
import { EVENT_STREAM } from './event-stream.js';
import { FollowRequest, shownThreads } from './follow.request.js';
import { assertOrigin } from './origin.js';
import { Sockets } from './sockets.js';

const LAST_EVENT_ID = 'Last-Event-ID';

@ApiTags('Realtime')
@Controller('realtime/stream')
export class StreamController {
  constructor(
    private readonly sockets: Sockets,
    private readonly admission: RequestAdmission,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    operationId: 'streamChanges',
    summary: 'Stream what changes',
    description: `Sends what GET /realtime/changes returns as server-sent events, for as long as the client reads. The request needs \`Accept: ${EVENT_STREAM}\` and the token of a person in Authorization: clients use fetch, since EventSource sets no headers. Try it with \`curl -N\`, because Swagger UI shows a response only after its end. Too many connections of one person or organization return 429 \`rate_limited\`.

Each event is a JSON frame of tidings.v2: \`hello\` first, then \`sync\`, and \`drain\` before the process stops. The id of an event is its cursor, so a client that reconnects with Last-Event-ID misses nothing. A frame \`{type: 'end', code, reason}\` comes before the end: 4401 when the token has expired, 4403 when the person is no longer a member. See docs/realtime.md.`,
  })
  @ApiHeader({
    name: LAST_EVENT_ID,
    description: 'The id of the last event that the client has received. It replaces `cursor`.',
    required: false,
    schema: { type: 'string' },
  })
  @ApiOkResponse({
    description: 'The stream has begun.',
    content: { [EVENT_STREAM]: { schema: { type: 'string' } } },
  })
  stream(
    @CurrentCaller() caller: PersonCaller,
    @Req() request: FastifyRequest & { user: Credentials },
    @Res() reply: FastifyReply,
    @Query() { cursor, threads }: FollowRequest,
  ): void {
    const { user: credentials, headers } = request;
    if (credentials.kind !== 'person')
      throw new Problem('forbidden', 'This needs a person: send the token of one.');
    assertOrigin(request, this.config);
    if (!headers.accept?.includes(EVENT_STREAM)) throw invalidField('Accept', `must be ${EVENT_STREAM}`);
    const last = headers['last-event-id'];
    if (typeof last === 'string') decodeCursor(last, LAST_EVENT_ID);
    else if (cursor !== undefined) decodeCursor(cursor);
    this.sockets.assertMayOpen(caller, reply);
    begin(reply);
    this.admission.release(request);
    // Fastify answers HEAD by the same method.
    if (request.method === 'HEAD') return void reply.raw.end();
    const { expiresAt } = credentials;
    this.sockets.openStream(reply.raw, {
      caller,
      expiresAt,
      cursor: typeof last === 'string' ? last : cursor,
      shown: shownThreads(threads),
    });
  }
}

/** Sends the headers. Proxies must pass each event on at once. */
function begin(reply: FastifyReply): void {
  const headers = { ...reply.getHeaders(), 'Content-Type': EVENT_STREAM, 'X-Accel-Buffering': 'no' };
  reply.hijack();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.raw.writeHead(200);
}
