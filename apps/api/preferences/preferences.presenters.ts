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
import { optionalText, optionalTime, presentOptionalTime, presentTime, time } from '../http/answers.js';
import { PersonDocument, byType } from './document.models.js';

export class EffectiveAnswer {
  @ApiProperty({ enum: CHANNEL_VALUES, example: 'daily' }) value!: string;

  @ApiProperty({
    enum: SOURCES.filter((source) => source !== 'thread'),
    description: 'Who decided.',
    example: 'person.organization',
  })
  source!: string;

  @ApiProperty({ description: 'Whether the caller cannot change it.', example: false }) locked!: boolean;
}

export class EffectiveChannelsAnswer implements Record<Channel, EffectiveAnswer> {
  @ApiProperty({ type: EffectiveAnswer }) in_app!: EffectiveAnswer;
  @ApiProperty({ type: EffectiveAnswer }) realtime!: EffectiveAnswer;
  @ApiProperty({ type: EffectiveAnswer }) email!: EffectiveAnswer;
  @ApiProperty({ type: EffectiveAnswer }) web_push!: EffectiveAnswer;
  @ApiProperty({ type: EffectiveAnswer }) webhook!: EffectiveAnswer;
}

export class ExplicitAnswer {
  @ApiProperty({ type: PersonDocument, description: 'The choices for all organizations.' })
  global!: PersonDocument;

  @ApiProperty({
    type: PersonDocument,
    description: 'The choices for this organization. They take precedence over global.',
  })
  organization!: PersonDocument;
}

@ApiExtraModels(EffectiveChannelsAnswer)
export class PreferencesAnswer {
  @ApiProperty({ type: ExplicitAnswer, description: 'What the caller has chosen.' })
  explicit!: ExplicitAnswer;

  @ApiProperty({
    ...byType(EffectiveChannelsAnswer),
    description: 'What applies to the caller, by type and channel.',
  })
  effective!: Record<string, EffectiveChannelsAnswer>;
}

export const presentPreferences = ({ explicit, effective }: OwnPreferences): PreferencesAnswer => ({
  explicit: { global: explicit.global, organization: explicit.organization },
  effective: Object.fromEntries(
    Object.entries(effective).map(([type, decisions]) => [
      type,
      eachChannel(decisions, ({ value, source, locked }) => ({ value, source, locked })),
    ]),
  ),
});

export class VerdictAnswer extends EffectiveAnswer {
  @ApiProperty({
    description: 'The rule that decided: the path of a choice, mandatory, or type.default.',
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

export class VerdictsAnswer implements Record<Channel, VerdictAnswer> {
  @ApiProperty({ type: VerdictAnswer }) in_app!: VerdictAnswer;
  @ApiProperty({ type: VerdictAnswer }) realtime!: VerdictAnswer;
  @ApiProperty({ type: VerdictAnswer }) email!: VerdictAnswer;
  @ApiProperty({ type: VerdictAnswer }) web_push!: VerdictAnswer;
  @ApiProperty({ type: VerdictAnswer }) webhook!: VerdictAnswer;
}

export class EvaluationAnswer {
  @ApiProperty({ example: 'MESSAGE' }) type!: string;
  @ApiProperty({ enum: PRIORITIES, example: 'normal' }) priority!: string;
  @ApiProperty({ ...time, description: 'When the notification would arrive.' }) at!: string;
  @ApiProperty({ type: VerdictsAnswer }) channels!: VerdictsAnswer;
}

export const presentEvaluation = (
  { type, priority, at }: { type: string; priority: Priority; at: Date },
  decisions: Decisions,
): EvaluationAnswer => ({
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
