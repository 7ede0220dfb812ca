import { DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { PersonField } from '../http/compound-fields.js';
import { TextField } from '../http/fields.js';

const ReasonField = () =>
  TextField({
    description: 'Why; it is kept in the audit log.',
    maxLength: 500,
    example: 'Its owner has left the organization',
    optional: true,
  });

export class ModerateGroupRequest {
  @PersonField({
    description: 'The participant who owns it from now on, by id or username.',
    example: DEMO_PEOPLE.theo.username,
    optional: true,
  })
  owner?: string;

  @TextField({
    description: 'Its new subject.',
    maxLength: 100,
    example: DEMO_THREADS.group.subject,
    optional: true,
  })
  subject?: string;

  @ReasonField() reason?: string;
}

export class ModerateParticipantRequest {
  @PersonField({ description: 'Who joins, by id or username.', example: DEMO_PEOPLE.ulf.username })
  user_id!: string;

  @ReasonField() reason?: string;
}

export class RemoveParticipantRequest {
  @ReasonField() reason?: string;
}
