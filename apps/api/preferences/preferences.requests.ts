import { ApiExtraModels } from '@nestjs/swagger';
import { IsArray } from 'class-validator';
import { PRIORITIES, type Priority, TYPE_NAME } from '#preferences';
import { MapField } from '../http/compound-fields.js';
import { ChoiceField, TextField, TimeField, field } from '../http/fields.js';
import { ChannelsPatch, QuietHours, byType } from './document.models.js';

const QUIET_NIGHTS = {
  time_zone: 'Europe/London',
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '22:00', to: '07:00' }],
};

@ApiExtraModels(ChannelsPatch)
class PatchDocumentRequest {
  @MapField(
    { type: ChannelsPatch },
    {
      description:
        'For every type: on or off, for e-mail also hourly or daily; null goes back to what is inherited.',
      example: { web_push: 'off' },
      optional: true,
      nullable: true,
    },
  )
  channels?: unknown;

  @MapField(byType(ChannelsPatch), {
    description: 'For one type, which goes before channels.',
    example: { MESSAGE: { email: 'daily' } },
    optional: true,
    nullable: true,
  })
  types?: unknown;

  @MapField(
    { type: QuietHours },
    {
      description:
        'Weekly, by the clocks of a time zone: what would interrupt waits until they end, unless it is urgent. A window over midnight belongs to the day on which it begins.',
      example: QUIET_NIGHTS,
      optional: true,
      nullable: true,
    },
  )
  quiet_hours?: unknown;
}

export class PatchPreferencesRequest extends PatchDocumentRequest {
  @TimeField({
    description: 'What would interrupt waits until then, unless it is urgent; null ends it.',
    example: '2026-12-27T08:00:00Z',
    optional: true,
    nullable: true,
  })
  paused_until?: Date | null;
}

export const PATCH_PREFERENCES_EXAMPLES = {
  choose: {
    summary: 'Messages by e-mail once a day, nothing by web push',
    value: { channels: { web_push: 'off' }, types: { MESSAGE: { email: 'daily' } } },
  },
  quiet: { summary: 'Quiet at night', value: { quiet_hours: QUIET_NIGHTS } },
  pause: { summary: 'Nothing until after the holidays', value: { paused_until: '2026-12-27T08:00:00Z' } },
  inherit: { summary: 'As my organization has it', value: { channels: null, types: { MESSAGE: null } } },
};

export class PatchOrganizationDefaultsRequest extends PatchDocumentRequest {
  @field(
    {
      description: 'Which of the choices people cannot change: all of them, as paths.',
      example: ['types.BILLING.email'],
      optional: true,
      nullable: true,
    },
    { type: 'array', items: { type: 'string' } },
    [IsArray({ message: 'must be a list' })],
  )
  locked?: unknown;
}

export const PATCH_DEFAULTS_EXAMPLES = {
  defaults: { summary: 'One e-mail a day for messages', value: { types: { MESSAGE: { email: 'daily' } } } },
  lock: {
    summary: 'Bills by e-mail, for everybody',
    value: { types: { BILLING: { email: 'on' } }, locked: ['types.BILLING.email'] },
  },
  inherit: {
    summary: 'Back to what the types say',
    value: { channels: null, types: null, quiet_hours: null, locked: null },
  },
};

export class ScopeRequest {
  @ChoiceField({
    description: 'For this organization, or for all that I am in. What is said for this one wins here.',
    choices: ['organization', 'global'],
    example: 'organization',
    optional: true,
  })
  scope: 'organization' | 'global' = 'organization';
}

export class EvaluateRequest {
  @TextField({
    description: 'A type of notification.',
    maxLength: 50,
    pattern: TYPE_NAME,
    patternMessage: 'must be the name of a type',
    example: 'MESSAGE',
  })
  type!: string;

  @ChoiceField({
    description: 'What is urgent waits for nothing.',
    choices: PRIORITIES,
    example: 'normal',
    optional: true,
  })
  priority?: Priority;

  @TimeField({
    description: 'When it would come; now if left out.',
    example: '2026-11-20T23:30:00Z',
    optional: true,
  })
  at?: Date;
}
