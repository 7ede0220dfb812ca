import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow, By, type Credentials } from '#access';
import { CONFIG, type Config } from '#config';
import type { PersonCaller } from '#identity';
import { Problem } from '#problem';
import { Streams } from '#realtime';
import { TextField } from '../http/fields.js';
import { Sockets } from './sockets.js';
import { upgradeOf } from './upgrade.js';

export class RealtimeRequest {
  @TextField({
    description: 'The seq of the last frame that was received: what came after it comes first.',
    maxLength: 15,
    pattern: /^\d{1,15}$/,
    patternMessage: 'must be the seq of a frame',
    example: '0',
    optional: true,
  })
  since?: string;
}

export class RealtimeAnswer {
  @ApiProperty({ type: 'integer', description: 'The seq of my newest notification.', example: 3 })
  last_seq!: number;
}

@ApiTags('Realtime')
@Controller('realtime')
export class RealtimeController {
  constructor(
    private readonly streams: Streams,
    private readonly sockets: Sockets,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    summary: 'Be told at once, over a WebSocket',
    description: `With \`Upgrade: websocket\` and the token of a person, in Authorization or, from browsers, as a subprotocol: \`new WebSocket(url, ['tidings', token])\`.

The server sends JSON: first \`{type: 'hello', last_seq}\`, then for each notification that the person wants at once \`{type: 'notification', seq, notification}\`, as GET /notifications shows it, in the order of seq. Connect again with \`?since=\` the last seq to miss nothing and get nothing twice; \`{type: 'gap', seq}\` says that there was too much (more than 500), so load the feed. It is closed with 4401 when the token expires, 4403 when the person is no member any more, 1001 when the server stops.

Without Upgrade it answers where the feed stands.`,
  })
  @ApiResponse({ status: 101, description: 'From here on a WebSocket.' })
  @ApiOkResponse({ type: RealtimeAnswer })
  async connect(
    @By() caller: PersonCaller,
    @Req() request: FastifyRequest & { user: Credentials },
    @Res() reply: FastifyReply,
    @Query() { since }: RealtimeRequest,
  ): Promise<void> {
    const upgrade = upgradeOf(request.raw);
    const { user: credentials } = request;
    if (upgrade && credentials.kind !== 'person') throw new Problem('forbidden', 'This is for people.');
    if (upgrade) this.assertOrigin(request);
    const lastSeq = await this.streams.lastSeqOf(caller.organizationId, caller.userId);
    if (lastSeq === undefined) throw new Problem('forbidden');
    if (!upgrade || credentials.kind !== 'person') {
      await reply.send({ last_seq: lastSeq } satisfies RealtimeAnswer);
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
    });
  }

  /** Browsers let any page connect anywhere, and say from where: nobody else says so. */
  private assertOrigin({ headers: { origin, host } }: FastifyRequest): void {
    if (origin === undefined || this.config.corsOrigins.includes(origin)) return;
    if (URL.canParse(origin) && new URL(origin).host === host) return;
    throw new Problem('forbidden', 'Pages of this origin may not connect: see CORS_ORIGINS.');
  }
}
