import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import type { PersonCaller } from '#identity';
import { PreferencesService } from '#preferences';
import { presentOptionalTime } from '../http/responses.js';
import {
  EvaluationResponse,
  PreferencesResponse,
  presentEvaluation,
  presentPreferences,
} from './preferences.presenters.js';
import {
  EvaluateRequest,
  PATCH_PREFERENCES_EXAMPLES,
  PatchPreferencesRequest,
  ScopeRequest,
} from './preferences.requests.js';
import { Problems } from '../http/problems.js';
import { SetsCursor } from '../realtime/cursor-header.js';

@ApiTags('Preferences')
@Controller('preferences')
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  @Get()
  @Allow('person')
  @SetsCursor()
  @ApiOperation({
    operationId: 'getPreferences',
    summary: 'Get my preferences',
    description:
      'Returns the choices of the caller, and the settings that apply to them. Everything without a choice follows the defaults of the organization at once.',
  })
  @ApiOkResponse({ type: PreferencesResponse })
  async get(@CurrentCaller() caller: PersonCaller): Promise<PreferencesResponse> {
    return presentPreferences(await this.preferences.get(caller));
  }

  @Patch()
  @Allow('person')
  @ApiOperation({
    operationId: 'updatePreferences',
    summary: 'Update my preferences',
    description:
      'A merge patch (RFC 7396): omitted fields stay unchanged, and null returns to the inherited value. Returns 409 `preference_locked`, with the paths in `errors`, for a choice that the organization has locked or that is mandatory for a type.',
  })
  @Problems('preference_locked')
  @ApiBody({ type: PatchPreferencesRequest, examples: PATCH_PREFERENCES_EXAMPLES })
  @ApiOkResponse({ type: PreferencesResponse })
  async patch(
    @CurrentCaller() caller: PersonCaller,
    @Query() { scope }: ScopeRequest,
    @Body() { paused_until, ...patch }: PatchPreferencesRequest,
  ): Promise<PreferencesResponse> {
    const pause = paused_until === undefined ? {} : { paused_until: presentOptionalTime(paused_until) };
    return presentPreferences(await this.preferences.patch(caller, scope, { ...patch, ...pause }));
  }

  @Post('evaluate')
  @HttpCode(200)
  @Allow('person')
  @ApiOperation({
    operationId: 'evaluatePreferences',
    summary: 'Evaluate my preferences',
    description:
      'A dry run: returns for each channel the decision about a notification, the deciding rule and the delay. A type that the organization does not have returns 400 `validation_failed`.',
  })
  @ApiOkResponse({ type: EvaluationResponse })
  async evaluate(
    @CurrentCaller() caller: PersonCaller,
    @Body() { type, priority = 'normal', at = new Date() }: EvaluateRequest,
  ): Promise<EvaluationResponse> {
    const asked = { type, priority, at };
    return presentEvaluation(asked, await this.preferences.evaluate(caller, asked));
  }
}
