import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow, CurrentCaller, type Credentials } from '#access';
import type { PersonCaller } from '#identity';
import { SyncService } from '#realtime';
import { RequestAdmission } from '../http/admission.js';
import { QueryIntegerField } from '../http/fields.js';
import { IDLE_MILLISECONDS } from '../http/server.js';
import { ServingState } from '../operations/serving-state.js';
import { ConnectionLimits } from './connection-limits.js';
import { SyncResponse, presentSync } from './changes.presenter.js';
import { RealtimeMetrics } from './realtime-metrics.js';
import { FollowRequest, shownThreads } from './follow.request.js';

const MAX_WAIT_SECONDS = 25;
export class ChangesRequest extends FollowRequest {
  @QueryIntegerField({
    description: 'How many seconds to wait if nothing has changed.',
    minimum: 0,
    maximum: MAX_WAIT_SECONDS,
    fallback: 0,
  })
  wait: number = 0;
}

@ApiTags('Realtime')
@Controller('realtime/changes')
export class ChangesController {
  /** Aborted when the process stops: waiting requests return, and their clients reach another process. */
  private readonly draining = new AbortController();

  constructor(
    private readonly sync: SyncService,
    private readonly admission: RequestAdmission,
    private readonly limits: ConnectionLimits,
    private readonly metrics: RealtimeMetrics,
    state: ServingState,
  ) {
    state.onDrain(() => this.draining.abort());
  }

  @Get()
  @Allow('person')
  @ApiOperation({
    operationId: 'getChanges',
    summary: 'Get what changed since a cursor',
    description: `Returns the current state of everything that changed for the caller since the cursor, as they may see it. If nothing has changed, the response waits up to \`wait\` seconds for something. Without a cursor it returns the cursor of now.

The lists contain whole objects that replace those of the client, so applying a response twice does no harm. \`gone_\` lists name what the caller no longer sees. A cursor is valid for 14 days, on every server. If it is older, of another database, or too much has changed, or the caller has blocked or unblocked somebody, \`reset\` is true: load everything again. See docs/realtime.md.`,
  })
  @ApiOkResponse({ type: SyncResponse })
  async changes(
    @CurrentCaller() caller: PersonCaller,
    @Req() request: FastifyRequest & { user: Credentials },
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query() { cursor, wait, threads }: ChangesRequest,
  ): Promise<SyncResponse> {
    if (cursor === undefined) return presentSync(await this.sync.now());
    this.limits.assertMayOpen(caller, reply);
    const leave = this.limits.add(caller, 'long_poll');
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { socket } = request.raw;
    socket.setTimeout(IDLE_MILLISECONDS + 1000 * wait);
    try {
      const sync = await this.sync.since(caller, cursor, {
        shown: shownThreads(threads),
        milliseconds: Math.min(1000 * wait, timeLeft(request.user)),
        signal: AbortSignal.any([gone.signal, this.draining.signal]),
        idle: (work) => this.admission.idle(request, work),
      });
      this.metrics.delivered('long_poll', sync);
      return presentSync(sync);
    } finally {
      leave();
      socket.setTimeout(IDLE_MILLISECONDS);
    }
  }
}

/** Nobody waits for longer than their token is valid. */
const timeLeft = (credentials: Credentials): number =>
  credentials.kind === 'person' ? Math.max(0, credentials.expiresAt.getTime() - Date.now()) : Infinity;
