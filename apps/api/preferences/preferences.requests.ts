import { ApiExtraModels } from '@nestjs/swagger';
import { IsArray } from 'class-validator';
import { PRIORITIES, type Priority, TYPE_NAME } from '#preferences';
import { MapField } from '../http/compound-fields.js';
import { BooleanField, ChoiceField, TextField, TimeField, field } from '../http/fields.js';
import { ChannelsPatch, QuietHours, patchByType } from './document.models.js';

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
        'The choices for every type: on or off, for e-mail also hourly or daily. null returns to the inherited value.',
      example: { web_push: 'off' },
      optional: true,
      nullable: true,
    },
  )
  channels?: unknown;

  @MapField(patchByType(ChannelsPatch), {
    description: 'The choices for single types. They take precedence over channels.',
    example: { MESSAGE: { email: 'daily' } },
    optional: true,
    nullable: true,
  })
  types?: unknown;

  @MapField(
    { type: QuietHours },
    {
      description:
        'Weekly quiet hours in a time zone. Notifications that would interrupt wait until they end, unless they are urgent. A window over midnight belongs to the day on which it begins.',
      example: QUIET_NIGHTS,
      optional: true,
      nullable: true,
    },
  )
  quiet_hours?: unknown;
}

export class PatchPreferencesRequest extends PatchDocumentRequest {
  @TimeField({
    description:
      'A pause: notifications that would interrupt wait until then, unless they are urgent. null ends it.',
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
  quiet: { summary: 'Quiet hours at night', value: { quiet_hours: QUIET_NIGHTS } },
  pause: { summary: 'A pause until after the holidays', value: { paused_until: '2026-12-27T08:00:00Z' } },
  inherit: {
    summary: 'Back to the defaults of the organization',
    value: { channels: null, types: { MESSAGE: null } },
  },
};

export class PatchOrganizationDefaultsRequest extends PatchDocumentRequest {
  @field(
    {
      description: 'The paths of all choices that people cannot change.',
      example: ['types.BILLING.email'],
      optional: true,
      nullable: true,
    },
    { type: 'array', items: { type: 'string' } },
    [IsArray({ message: 'must be a list' })],
  )
  locked?: unknown;

  @BooleanField({
    description: 'Whether people see who of them is connected. null and the default are false.',
    example: true,
    optional: true,
    nullable: true,
  })
  presence?: boolean | null;
}

export const PATCH_DEFAULTS_EXAMPLES = {
  defaults: { summary: 'One e-mail a day for messages', value: { types: { MESSAGE: { email: 'daily' } } } },
  lock: {
    summary: 'Bills by e-mail, for everybody',
    value: { types: { BILLING: { email: 'on' } }, locked: ['types.BILLING.email'] },
  },
  inherit: {
    summary: 'Back to the defaults of the types',
    value: { channels: null, types: null, quiet_hours: null, locked: null },
  },
};

export class ScopeRequest {
  @ChoiceField({
    description:
      'Whether the choices apply to this organization, or to all organizations of the caller. Choices for this organization take precedence.',
    choices: ['organization', 'global'],
    example: 'organization',
    optional: true,
  })
  scope: 'organization' | 'global' = 'organization';
}

export class EvaluateRequest {
  @TextField({
    description: 'A notification type.',
    maxLength: 50,
    pattern: TYPE_NAME,
    patternMessage: 'must be the name of a type',
    example: 'MESSAGE',
  })
  type!: string;

  @ChoiceField({
    description: 'urgent ignores pauses and quiet hours.',
    choices: PRIORITIES,
    example: 'normal',
    optional: true,
  })
  priority?: Priority;

  @TimeField({
    description: 'When the notification would arrive. Default: now.',
    example: '2026-11-20T23:30:00Z',
    optional: true,
  })
  at?: Date;
}
