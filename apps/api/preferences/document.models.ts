import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { type Channel, type ChannelValue, DAYS, valuesOf } from '#preferences';
import { time } from '../http/responses.js';

/** The OpenAPI models of preference documents, for requests and responses. */

const CHANNEL_DESCRIPTIONS: Record<Channel, string> = {
  in_app: 'In the feed.',
  realtime: 'In realtime, while the person has the product open.',
  email: 'By e-mail: one for each notification, or an hourly or daily digest.',
  web_push: 'By web push, even while the product is closed.',
  webhook: "To the organization's webhook endpoints.",
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

/** null returns to the inherited value. */
export class ChannelsPatch {
  @chosen('in_app', true) in_app?: ChannelValue | null;
  @chosen('realtime', true) realtime?: ChannelValue | null;
  @chosen('email', true) email?: ChannelValue | null;
  @chosen('web_push', true) web_push?: ChannelValue | null;
  @chosen('webhook', true) webhook?: ChannelValue | null;
}

export class QuietWindow {
  @ApiProperty({
    enum: DAYS,
    isArray: true,
    description: 'The days on which the window begins.',
    example: ['mon', 'tue'],
  })
  days!: string[];

  @ApiProperty({ example: '22:00' }) from!: string;

  @ApiProperty({
    description: 'The end, on the next day if it is not later than from. At most 24:00.',
    example: '07:00',
  })
  to!: string;
}

export class QuietHours {
  @ApiProperty({ description: 'The IANA time zone.', example: 'Europe/London' })
  time_zone!: string;

  @ApiProperty({
    type: [QuietWindow],
    description: 'The windows. An empty list means no quiet hours, whatever the organization has set.',
  })
  windows!: QuietWindow[];
}

/** A map by names of types. */
export const byType = (model: new () => object) => ({
  type: Object,
  additionalProperties: { $ref: getSchemaPath(model) },
});

/** The same in a merge patch, where null returns all choices of a type to the inherited values. */
export const patchByType = (model: new () => object) => ({
  type: Object,
  additionalProperties: { anyOf: [{ $ref: getSchemaPath(model) }, { type: 'null' }] },
});

@ApiExtraModels(Channels)
class Document {
  @ApiProperty({ type: Channels, required: false, description: 'The choices for every type.' })
  channels?: Channels;

  @ApiProperty({
    ...byType(Channels),
    required: false,
    description: 'The choices for single types. They take precedence over channels.',
    example: { MESSAGE: { email: 'daily' } },
  })
  types?: Record<string, Channels>;

  @ApiProperty({
    type: QuietHours,
    required: false,
    description: 'The hours in which only urgent notifications interrupt.',
  })
  quiet_hours?: QuietHours;
}

/** A person's choices. Everything else is inherited. */
export class PersonDocument extends Document {
  @ApiProperty({ ...time, required: false, description: 'Until when only urgent notifications interrupt.' })
  paused_until?: string;
}

export class OrganizationDocument extends Document {
  @ApiProperty({
    type: [String],
    required: false,
    description: 'The paths of the choices that people cannot change.',
    example: ['types.BILLING.email'],
  })
  locked?: string[];

  @ApiProperty({
    required: false,
    description: 'Whether people see who of them is connected. The default is false.',
    example: true,
  })
  presence?: boolean;
}
