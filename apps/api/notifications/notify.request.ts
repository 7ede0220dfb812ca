import { ValidateBy } from 'class-validator';
import type { RequestInput } from '#notifications';
import { invalidField } from '#problem';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ObjectField, PersonsField, asSent } from '../http/compound-fields.js';
import { BooleanField, CheckedTextField, ChoiceField, TextField, TimeField, field } from '../http/fields.js';
import { MAX_TYPE_LENGTH } from './notification.requests.js';

const MAX_USERS = 1000;
const MAX_DATA_LENGTH = 16_384;

export class AudienceRequest {
  @PersonsField({
    description: 'These people, by id or username.',
    most: MAX_USERS,
    example: [DEMO_PEOPLE.uma.username],
    optional: true,
  })
  users?: string[];

  @TextField({
    description: 'Everybody with this role.',
    maxLength: 50,
    example: DEMO_PEOPLE.theo.role,
    optional: true,
  })
  role?: string;

  @BooleanField({ description: 'All members. Only true is allowed.', example: true, optional: true })
  everyone?: boolean;
}

/** An object with arbitrary data for the host product, of limited size. */
const DataField = () =>
  field(
    {
      description: 'Data for your product: at most 16 kB of JSON.',
      example: { invoice: 'R-2031' },
      optional: true,
    },
    { type: Object, additionalProperties: true },
    [
      asSent,
      ValidateBy({
        name: 'data',
        validator: {
          validate: (value: unknown) =>
            typeof value === 'object' &&
            value !== null &&
            !Array.isArray(value) &&
            Buffer.byteLength(JSON.stringify(value)) <= MAX_DATA_LENGTH,
          defaultMessage: () => 'must be an object of at most 16 kB',
        },
      }),
    ],
  );

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

export class NotifyRequest {
  @ObjectField(AudienceRequest, {
    description: 'The audience: exactly one of users, role and everyone.',
    example: { users: [DEMO_PEOPLE.uma.username] },
  })
  to!: AudienceRequest;

  @TextField({
    description:
      "The notification type: APPOINTMENT, MESSAGE, SYSTEM, BILLING, or one of the organization's own.",
    maxLength: MAX_TYPE_LENGTH,
    example: 'BILLING',
  })
  type!: string;

  @TextField({ description: 'The title, in one line.', maxLength: 255, example: 'Your invoice is there' })
  title!: string;

  @TextField({ description: 'The full text.', maxLength: 5000, example: 'Thank you for your visit.' })
  body!: string;

  @DataField() data?: Record<string, unknown>;

  @CheckedTextField(
    {
      description: 'The URL that the notification opens.',
      maxLength: 2000,
      example: 'https://clinic.example/invoices/2031',
      optional: true,
    },
    'a web address',
    isWebAddress,
  )
  action_url?: string;

  @TextField({
    description: 'Notifications with the same key are grouped in a grouped feed.',
    maxLength: 200,
    example: 'invoices',
    optional: true,
  })
  group_key?: string;

  @TimeField({
    description: 'When to deliver it. Default: now.',
    example: '2099-12-31T09:00:00Z',
    optional: true,
    future: true,
  })
  deliver_at?: Date;

  @TimeField({
    description: 'When it disappears from the feed. Default: never.',
    example: '2100-01-31T09:00:00Z',
    optional: true,
    future: true,
  })
  expires_at?: Date;

  @ChoiceField({
    description: 'urgent ignores pauses and quiet hours.',
    choices: ['normal', 'urgent'],
    example: 'normal',
    optional: true,
  })
  priority?: 'normal' | 'urgent';
}

export const NOTIFY_EXAMPLES = {
  person: {
    summary: 'A person',
    value: {
      to: { users: [DEMO_PEOPLE.uma.username] },
      type: 'BILLING',
      title: 'Your invoice is there',
      body: 'Thank you for your visit.',
      data: { invoice: 'R-2031' },
    },
  },
  everyone: {
    summary: 'Everybody, urgent',
    value: { to: { everyone: true }, type: 'SYSTEM', title: 'Fire drill', body: 'Now.', priority: 'urgent' },
  },
};

export function requestOf(request: NotifyRequest): RequestInput {
  const { to, type, title, body, data = {}, action_url, group_key, deliver_at, expires_at } = request;
  if (Object.values(to).filter((value) => value !== undefined).length !== 1) {
    throw invalidField('to', 'must have exactly one of users, role and everyone');
  }
  if (to.everyone === false) throw invalidField('to.everyone', 'must be true or left out');
  if (deliver_at && expires_at && expires_at <= deliver_at) {
    throw invalidField('expires_at', 'must be later than deliver_at');
  }
  return {
    to: { users: to.users, role: to.role, ...(to.everyone && { everyone: true }) },
    content: {
      type,
      title,
      body,
      data,
      actionUrl: action_url,
      groupKey: group_key,
      priority: request.priority ?? 'normal',
      expiresAt: expires_at?.toISOString(),
    },
    deliverAt: deliver_at,
  };
}
