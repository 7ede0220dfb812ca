import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { type Channel, type ChannelValue, DAYS, valuesOf } from '#preferences';
import { time } from '../http/answers.js';

/** Preference documents as the OpenAPI document describes them, for requests and for answers. */

const CHANNEL_DESCRIPTIONS: Record<Channel, string> = {
  in_app: 'In the feed.',
  realtime: 'At once, wherever the person has the product open.',
  email: 'By e-mail: one each, or gathered once an hour or a day.',
  web_push: 'By the browser, also while the product is closed.',
  webhook: "To the organization's own endpoints.",
};

const chosen = (channel: Channel, nullable = false) =>
  ApiProperty({
    enum: valuesOf(channel),
    description: CHANNEL_DESCRIPTIONS[channel],
    required: false,
    nullable,
  });

export class Channels {
  @chosen('in_app') in_app?: ChannelValue;
  @chosen('realtime') realtime?: ChannelValue;
  @chosen('email') email?: ChannelValue;
  @chosen('web_push') web_push?: ChannelValue;
  @chosen('webhook') webhook?: ChannelValue;
}

/** null goes back to what is inherited. */
export class ChannelsPatch {
  @chosen('in_app', true) in_app?: ChannelValue | null;
  @chosen('realtime', true) realtime?: ChannelValue | null;
  @chosen('email', true) email?: ChannelValue | null;
  @chosen('web_push', true) web_push?: ChannelValue | null;
  @chosen('webhook', true) webhook?: ChannelValue | null;
}

export class QuietWindow {
  @ApiProperty({ enum: DAYS, isArray: true, description: 'On which it begins.', example: ['mon', 'tue'] })
  days!: string[];

  @ApiProperty({ example: '22:00' }) from!: string;

  @ApiProperty({
    description: 'The day after where it is not later than from; 24:00 at most.',
    example: '07:00',
  })
  to!: string;
}

export class QuietHours {
  @ApiProperty({ description: 'Whose clocks they go by, by its IANA name.', example: 'Europe/London' })
  time_zone!: string;

  @ApiProperty({ type: [QuietWindow], description: 'None: not quiet, whatever the organization has.' })
  windows!: QuietWindow[];
}

/** A map from names of types. */
export const byType = (model: new () => object) => ({
  type: Object,
  additionalProperties: { $ref: getSchemaPath(model) },
});

@ApiExtraModels(Channels)
class Document {
  @ApiProperty({ type: Channels, required: false, description: 'For every type.' }) channels?: Channels;

  @ApiProperty({
    ...byType(Channels),
    required: false,
    description: 'For one type, which goes before channels.',
  })
  types?: Record<string, Channels>;

  @ApiProperty({ type: QuietHours, required: false, description: 'When nothing but the urgent interrupts.' })
  quiet_hours?: QuietHours;
}

/** What a person has chosen; all that is not there is inherited. */
export class PersonDocument extends Document {
  @ApiProperty({ ...time, required: false, description: 'Until when nothing but the urgent interrupts.' })
  paused_until?: string;
}

export class OrganizationDocument extends Document {
  @ApiProperty({
    type: [String],
    required: false,
    description: 'Which of these choices people cannot change.',
    example: ['types.BILLING.email'],
  })
  locked?: string[];
}
