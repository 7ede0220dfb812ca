import { DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { PersonField } from '../http/compound-fields.js';
import { TextField } from '../http/fields.js';

const ReasonField = () =>
  TextField({
    description: 'The reason, for the audit log.',
    maxLength: 500,
    example: 'Its owner has left the organization',
    optional: true,
  });

export class ModerateGroupRequest {
  @PersonField({
    description: 'The new owner, by id or username.',
    example: DEMO_PEOPLE.theo.username,
    optional: true,
  })
  owner?: string;

  @TextField({
    description: 'The new subject.',
    maxLength: 100,
    example: DEMO_THREADS.group.subject,
    optional: true,
  })
  subject?: string;

  @ReasonField() reason?: string;
}

export class ModerateParticipantRequest {
  @PersonField({ description: 'The person to add, by id or username.', example: DEMO_PEOPLE.ulf.username })
  user_id!: string;

  @ReasonField() reason?: string;
}

export class RemoveParticipantRequest {
  @ReasonField() reason?: string;
}
