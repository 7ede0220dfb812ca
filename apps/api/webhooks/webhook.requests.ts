import { ValidateBy } from 'class-validator';
import { TYPE_NAME } from '#preferences';
import { DEMO_WEBHOOK } from '../demo/webhooks.js';
import { BooleanField, TextField, field } from '../http/fields.js';

const MOST_TYPES = 50;

const UrlField = ({ optional = false } = {}) =>
  TextField({
    description:
      'Where to. https, and an address that anybody can reach: unless the server has WEBHOOK_ALLOW_PRIVATE.',
    maxLength: 2000,
    example: DEMO_WEBHOOK.url,
    optional,
  });

const isTypes = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MOST_TYPES &&
    new Set(value).size === value.length &&
    value.every((type) => typeof type === 'string' && TYPE_NAME.test(type)));

const TypesField = () =>
  field(
    {
      description: 'Of which types of notifications it is told; null for all, which is the default.',
      example: DEMO_WEBHOOK.types,
      optional: true,
      nullable: true,
    },
    {
      type: 'array',
      items: { type: 'string', pattern: TYPE_NAME.source },
      minItems: 1,
      maxItems: MOST_TYPES,
    },
    [
      ValidateBy({
        name: 'types',
        validator: {
          validate: isTypes,
          defaultMessage: () => `must be null, or 1 to ${MOST_TYPES} names of types, none of them twice`,
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
    description: 'While it is not, nothing is sent, and what was to be sent is cancelled.',
    example: true,
    optional: true,
  })
  enabled?: boolean;

  @BooleanField({
    description:
      'true makes a new secret. For 24 hours the one before signs as well. Two rotations may overlap; a third is refused with 409 until the first is 24 hours old, unless revoke_previous_secrets is set.',
    example: true,
    optional: true,
  })
  rotate_secret?: boolean;

  @BooleanField({
    description:
      'true ends the secrets from before the last rotation at once, such as one that has leaked. With rotate_secret only the new secret signs.',
    example: false,
    optional: true,
  })
  revoke_previous_secrets?: boolean;
}
