import { ALL, PERMISSIONS, isId, isTimeZone } from '#identity';
import { DEMO_NEWCOMER, DEMO_ORGANIZATION } from '../demo/people.js';
import {
  BooleanField,
  CheckedTextField,
  ChoiceField,
  ChoicesField,
  TextField,
  TimeField,
} from '../http/fields.js';
import { ListRequest } from '../http/list.js';

const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

const isUsername = (text: string): boolean => USERNAME.test(text) && !isId(text);

const isLocale = (text: string): boolean => {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
};

export class PutOrganizationRequest {
  @TextField({
    description: 'The name of the organization.',
    maxLength: 200,
    example: DEMO_ORGANIZATION.name,
  })
  name!: string;
}

export class PutMemberRequest {
  @CheckedTextField(
    {
      description:
        'The name of the person within the organization. Letters, digits and . _ @ + -; case does not matter.',
      maxLength: 64,
      example: DEMO_NEWCOMER.username,
    },
    'a username of letters, digits and . _ @ + - that begins with a letter or digit and is not a UUID',
    isUsername,
  )
  username!: string;

  @TextField({
    description: 'The name that others see.',
    maxLength: 200,
    example: DEMO_NEWCOMER.display_name,
  })
  display_name!: string;

  @CheckedTextField(
    {
      description: 'The address for notifications by e-mail.',
      maxLength: 254,
      example: 'nina@example.com',
      optional: true,
    },
    'an e-mail address',
    (text) => EMAIL.test(text),
  )
  email?: string;

  @CheckedTextField(
    { description: 'A BCP 47 language tag.', maxLength: 35, example: 'en-GB', optional: true },
    'a BCP 47 language tag such as en-GB',
    isLocale,
  )
  locale?: string;

  @CheckedTextField(
    { description: 'An IANA time zone.', maxLength: 64, example: 'Europe/London', optional: true },
    'an IANA time zone such as Europe/London',
    isTimeZone,
  )
  time_zone?: string;

  @TextField({ description: 'A role of the organization.', maxLength: 50, example: DEMO_NEWCOMER.role })
  role!: string;
}

export class ListMembersRequest extends ListRequest {
  @TextField({
    description:
      'Search words. Each matches the beginning of a word in the username or display name. Case and diacritics do not matter.',
    maxLength: 200,
    example: 'the',
    optional: true,
  })
  query?: string;

  @TextField({
    description: 'Only people with this role.',
    maxLength: 50,
    example: 'therapist',
    optional: true,
  })
  role?: string;
}

export class PatchVisibilityRequest {
  @ChoiceField({
    description:
      'Whose messages the caller accepts. everyone: all members. known: people to whom the caller has written, directly or in a shared group. nobody: no messages.',
    choices: ['everyone', 'known', 'nobody'],
    example: 'known',
    optional: true,
  })
  accepts_messages_from?: 'everyone' | 'known' | 'nobody';

  @ChoiceField({
    description:
      'organization: members find the caller in the directory. hidden: only the caller and callers with members:manage do.',
    choices: ['organization', 'hidden'],
    example: 'organization',
    optional: true,
  })
  profile_visibility?: 'organization' | 'hidden';

  @BooleanField({
    description: 'Whether others see what the caller has read.',
    example: true,
    optional: true,
  })
  share_read_receipts?: boolean;

  @BooleanField({
    description: 'Whether others see the caller as offline, and never as typing.',
    example: false,
    optional: true,
  })
  appear_offline?: boolean;
}

export class PutRoleRequest {
  @ChoicesField({
    description: `The permissions of the role, beyond what every person may do. ${ALL} stands for all permissions, including those of later versions.`,
    choices: [ALL, ...PERMISSIONS],
    example: ['messages:monitor', 'audit:read'],
  })
  permissions!: string[];
}

export class CreateApiKeyRequest {
  @TextField({
    description: 'The service that uses the key. Two keys of one name can be live, for rotation.',
    maxLength: 100,
    example: 'appointment reminders',
  })
  name!: string;

  @ChoicesField({
    description: 'The permissions of the key. act_as lets a service make requests on behalf of people.',
    choices: [ALL, ...PERMISSIONS],
    example: ['notifications:send', 'act_as'],
  })
  scopes!: string[];

  @TimeField({
    description: 'When the key expires. Default: never.',
    example: '2099-12-31T00:00:00Z',
    optional: true,
    future: true,
  })
  expires_at?: Date;
}
