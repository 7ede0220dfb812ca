import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow, CurrentCaller, type Credentials } from '#access';
import { decodeCursor } from '#change-log';
import { CONFIG, type Config } from '#config';
import type { PersonCaller } from '#identity';
import { Problem } from '#problem';
import { RealtimeHub } from '#realtime';
import { TextField } from '../http/fields.js';
import { FollowRequest, shownThreads } from './follow.request.js';
import { assertOrigin } from './origin.js';
import { Sockets } from './sockets.js';
import { upgradeOf, wantsSync } from './upgrade.js';

export class RealtimeRequest extends FollowRequest {
  @TextField({
    description: 'The seq of the last received frame, to resume after it.',
    maxLength: 15,
    pattern: /^\d{1,15}$/,
    patternMessage: 'must be the seq of a frame',
    example: '0',
    optional: true,
  })
  since?: string;
}

export class RealtimeResponse {
  @ApiProperty({
    type: 'integer',
    description: 'The seq of the newest notification of the caller.',
    example: 3,
  })
  last_seq!: number;
}

@ApiTags('Realtime')
@Controller('realtime')
export class RealtimeController {
  constructor(
    private readonly hub: RealtimeHub,
    private readonly sockets: Sockets,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    operationId: 'connectRealtime',
    summary: 'Connect to realtime notifications',
    description: `Opens a WebSocket with \`Upgrade: websocket\`. The token of the person goes into Authorization or, from browsers, into a subprotocol: \`new WebSocket(url, ['tidings', token])\`. A browser page of another origin needs CORS_ORIGINS: otherwise 403 \`forbidden\`. Too many connections of one person or organization return 429 \`rate_limited\`.

The server sends JSON. The first frame is \`{type: 'hello', last_seq}\`. Then each notification that the person wants in realtime comes as \`{type: 'notification', seq, notification}\`, in the order of seq and with the fields of GET /notifications. To resume, connect with \`?since=\` the last seq: nothing is missed and nothing comes twice. \`{type: 'gap', seq}\` means that more than 500 were missed: load the feed.

The server closes with 4401 when the token expires, with 4403 when the person is no longer a member, and with 1001 when it stops. It disconnects without a close frame, which is 1006, clients that do not answer pings, and the slowest clients of an organization that leaves too much unread.

With the subprotocol \`tidings.v2\` it sends what GET /realtime/changes returns instead, for \`?cursor=\` and \`?threads=\`: see docs/realtime.md.

Without Upgrade the response is the position of the feed.`,
  })
  @ApiResponse({ status: 101, description: 'The connection is a WebSocket now.' })
  @ApiOkResponse({ type: RealtimeResponse })
  async connect(
    @CurrentCaller() caller: PersonCaller,
    @Req() request: FastifyRequest & { user: Credentials },
    @Res() reply: FastifyReply,
    @Query() { since, cursor, threads }: RealtimeRequest,
  ): Promise<void> {
    // Refuses what is no cursor, while a response is still possible.
    if (cursor !== undefined) decodeCursor(cursor);
    const upgrade = upgradeOf(request.raw);
    const { user: credentials } = request;
    if (upgrade && credentials.kind !== 'person')
      throw new Problem('forbidden', 'This needs a person: send the token of one.');
    if (upgrade) assertOrigin(request, this.config);
    // tidings.v2 does not need the position of the feed, and checks membership when it reads.
    const lastSeq =
      upgrade && wantsSync(request.raw) ? 0 : await this.hub.lastSeqOf(caller.organizationId, caller.userId);
    if (lastSeq === undefined) throw new Problem('forbidden');
    if (!upgrade || credentials.kind !== 'person') {
      await reply.send({ last_seq: lastSeq } satisfies RealtimeResponse);
      return;
    }
    this.sockets.assertMayOpen(caller, reply);
    reply.hijack();
    const { expiresAt } = credentials;
    this.sockets.open(request.raw, upgrade, {
      caller,
      expiresAt,
      lastSeq,
      since: since === undefined ? undefined : Number(since),
      cursor,
      shown: shownThreads(threads),
    });
  }
}
