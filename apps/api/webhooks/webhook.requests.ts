import { ValidateBy } from 'class-validator';
import { TYPE_NAME } from '#preferences';
import { DEMO_WEBHOOK } from '../demo/webhooks.js';
import { BooleanField, TextField, field } from '../http/fields.js';

const MAX_TYPES = 50;

const UrlField = ({ optional = false } = {}) =>
  TextField({
    description: 'The https URL. It must have a public address, unless the server has WEBHOOK_ALLOW_PRIVATE.',
    maxLength: 2000,
    example: DEMO_WEBHOOK.url,
    optional,
  });

const isTypes = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_TYPES &&
    new Set(value).size === value.length &&
    value.every((type) => typeof type === 'string' && TYPE_NAME.test(type)));

const TypesField = () =>
  field(
    {
      description: 'The notification types to send, or null for all. Default: null.',
      example: DEMO_WEBHOOK.types,
      optional: true,
      nullable: true,
    },
    {
      type: 'array',
      items: { type: 'string', pattern: TYPE_NAME.source },
      minItems: 1,
      maxItems: MAX_TYPES,
    },
    [
      ValidateBy({
        name: 'types',
        validator: {
          validate: isTypes,
          defaultMessage: () => `must be null, or 1 to ${MAX_TYPES} names of types, none of them twice`,
        },
      }),
    ],
  );

export class CreateWebhookRequest {
  @UrlField() url!: string;
  @TypesField() types?: string[] | null;
}

export class PatchWebhookRequest {
  @UrlField({ optional: true }) url?: string;
  @TypesField() types?: string[] | null;

  @BooleanField({
    description: 'false disables the webhook: nothing is sent, and waiting deliveries are cancelled.',
    example: true,
    optional: true,
  })
  enabled?: boolean;

  @BooleanField({
    description:
      'true creates a new secret. The previous one signs too for 24 hours. Two rotations may overlap; a third returns 409 until the first is 24 hours old, unless revoke_previous_secrets is set.',
    example: true,
    optional: true,
  })
  rotate_secret?: boolean;

  @BooleanField({
    description:
      'true revokes all earlier secrets at once, for example after a leak. With rotate_secret, only the new secret signs.',
    example: false,
    optional: true,
  })
  revoke_previous_secrets?: boolean;
}
