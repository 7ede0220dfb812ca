import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import {
  CHANNELS,
  type Channel,
  type Decision,
  type Decisions,
  type OwnPreferences,
  CHANNEL_VALUES,
  PRIORITIES,
  SOURCES,
  type Priority,
} from '#preferences';
import { optionalText, optionalTime, presentOptionalTime, presentTime, time } from '../http/responses.js';
import { PersonDocument, byType } from './document.models.js';

export class EffectiveResponse {
  @ApiProperty({ enum: CHANNEL_VALUES, example: 'daily' }) value!: string;

  @ApiProperty({
    enum: SOURCES.filter((source) => source !== 'thread'),
    description: 'Who decided.',
    example: 'person.organization',
  })
  source!: string;

  @ApiProperty({ description: 'Whether the caller cannot change it.', example: false }) locked!: boolean;
}

export class EffectiveChannelsResponse implements Record<Channel, EffectiveResponse> {
  @ApiProperty({ type: EffectiveResponse }) in_app!: EffectiveResponse;
  @ApiProperty({ type: EffectiveResponse }) realtime!: EffectiveResponse;
  @ApiProperty({ type: EffectiveResponse }) email!: EffectiveResponse;
  @ApiProperty({ type: EffectiveResponse }) web_push!: EffectiveResponse;
  @ApiProperty({ type: EffectiveResponse }) webhook!: EffectiveResponse;
}

export class ExplicitResponse {
  @ApiProperty({ type: PersonDocument, description: 'The choices for all organizations.' })
  global!: PersonDocument;

  @ApiProperty({
    type: PersonDocument,
    description: 'The choices for this organization. They take precedence over global.',
  })
  organization!: PersonDocument;
}

@ApiExtraModels(EffectiveChannelsResponse)
export class PreferencesResponse {
  @ApiProperty({ type: ExplicitResponse, description: 'The choices of the caller.' })
  explicit!: ExplicitResponse;

  @ApiProperty({
    ...byType(EffectiveChannelsResponse),
    description: 'The settings that apply to the caller, by type and channel.',
  })
  effective!: Record<string, EffectiveChannelsResponse>;
}

export const presentPreferences = ({ explicit, effective }: OwnPreferences): PreferencesResponse => ({
  explicit: { global: explicit.global, organization: explicit.organization },
  effective: Object.fromEntries(
    Object.entries(effective).map(([type, decisions]) => [
      type,
      eachChannel(decisions, ({ value, source, locked }) => ({ value, source, locked })),
    ]),
  ),
});

export class VerdictResponse extends EffectiveResponse {
  @ApiProperty({
    description: 'The deciding rule: the path of a choice, mandatory, or type.default.',
    example: 'person.organization.types.MESSAGE.email',
  })
  rule!: string;

  @ApiProperty({ ...optionalTime, description: 'Until when it would wait, or null if it would not wait.' })
  delayed_until!: string | null;

  @ApiProperty({
    ...optionalText,
    description: 'The path of the pause or the quiet hours that would delay it.',
    example: 'person.global.quiet_hours',
  })
  delayed_by!: string | null;
}

export class VerdictsResponse implements Record<Channel, VerdictResponse> {
  @ApiProperty({ type: VerdictResponse }) in_app!: VerdictResponse;
  @ApiProperty({ type: VerdictResponse }) realtime!: VerdictResponse;
  @ApiProperty({ type: VerdictResponse }) email!: VerdictResponse;
  @ApiProperty({ type: VerdictResponse }) web_push!: VerdictResponse;
  @ApiProperty({ type: VerdictResponse }) webhook!: VerdictResponse;
}

export class EvaluationResponse {
  @ApiProperty({ example: 'MESSAGE' }) type!: string;
  @ApiProperty({ enum: PRIORITIES, example: 'normal' }) priority!: string;
  @ApiProperty({ ...time, description: 'When the notification would arrive.' }) at!: string;
  @ApiProperty({ type: VerdictsResponse }) channels!: VerdictsResponse;
}

export const presentEvaluation = (
  { type, priority, at }: { type: string; priority: Priority; at: Date },
  decisions: Decisions,
): EvaluationResponse => ({
  type,
  priority,
  at: presentTime(at),
  channels: eachChannel(decisions, ({ value, source, locked, rule, delayed_until, delayed_by }) => ({
    value,
    source,
    locked,
    rule,
    delayed_until: presentOptionalTime(delayed_until),
    delayed_by,
  })),
});

const eachChannel = <Shown>(
  decisions: Decisions,
  present: (decision: Decision) => Shown,
): Record<Channel, Shown> =>
  Object.fromEntries(CHANNELS.map((channel) => [channel, present(decisions[channel])])) as Record<
    Channel,
    Shown
  >;
