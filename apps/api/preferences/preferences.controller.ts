import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import type { PersonCaller } from '#identity';
import { Preferences } from '#preferences';
import { presentOptionalTime } from '../http/answers.js';
import {
  EvaluationAnswer,
  PreferencesAnswer,
  presentEvaluation,
  presentPreferences,
} from './preferences.presenters.js';
import {
  EvaluateRequest,
  PATCH_PREFERENCES_EXAMPLES,
  PatchPreferencesRequest,
  ScopeRequest,
} from './preferences.requests.js';

@ApiTags('Preferences')
@Controller('preferences')
export class PreferencesController {
  constructor(private readonly preferences: Preferences) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    summary: 'See what I have chosen, and what holds for me',
    description: 'What I have not chosen follows my organization at once, whenever it changes its mind.',
  })
  @ApiOkResponse({ type: PreferencesAnswer })
  async get(@By() caller: PersonCaller): Promise<PreferencesAnswer> {
    return presentPreferences(await this.preferences.get(caller));
  }

  @Patch()
  @Allow('person')
  @ApiOperation({
    summary: 'Choose what I hear of, how, and when',
    description:
      'A merge patch (RFC 7396): what is left out stays, null goes back to what is inherited. 409 for what my organization has locked, or what is mandatory for a type, with its path.',
  })
  @ApiBody({ type: PatchPreferencesRequest, examples: PATCH_PREFERENCES_EXAMPLES })
  @ApiOkResponse({ type: PreferencesAnswer })
  async patch(
    @By() caller: PersonCaller,
    @Query() { scope }: ScopeRequest,
    @Body() { paused_until, ...patch }: PatchPreferencesRequest,
  ): Promise<PreferencesAnswer> {
    const pause = paused_until === undefined ? {} : { paused_until: presentOptionalTime(paused_until) };
    return presentPreferences(await this.preferences.patch(caller, scope, { ...patch, ...pause }));
  }

  @Post('evaluate')
  @HttpCode(200)
  @Allow('person')
  @ApiOperation({
    summary: 'Ask what would become of a notification',
    description: 'Channel by channel: what would be decided, by which rule, and until when it would wait.',
  })
  @ApiOkResponse({ type: EvaluationAnswer })
  async evaluate(
    @By() caller: PersonCaller,
    @Body() { type, priority = 'normal', at = new Date() }: EvaluateRequest,
  ): Promise<EvaluationAnswer> {
    const asked = { type, priority, at };
    return presentEvaluation(asked, await this.preferences.evaluate(caller, asked));
  }
}
