import { ALLOWS, type Allows } from '#messaging';
import { DEMO_PATIENT } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { IntegerField, ObjectsField, PersonField } from '../http/compound-fields.js';
import { ChoiceField, TextField } from '../http/fields.js';
import { ListRequest } from '../http/list.js';

export class OverseeThreadsRequest extends ListRequest {
  @PersonField({
    description: 'Only threads that this person is or was in.',
    example: DEMO_PEOPLE.theo.username,
    optional: true,
  })
  person?: string;

  @TextField({
    description: 'Only threads about this kind of thing.',
    maxLength: 50,
    example: DEMO_PATIENT.type,
    optional: true,
  })
  context_type?: string;

  @TextField({
    description: 'Only threads about this one.',
    maxLength: 200,
    example: DEMO_PATIENT.id,
    optional: true,
  })
  context_id?: string;
}

export class ModerateMessageRequest {
  @TextField({
    description: 'Why; it is kept in the audit log.',
    maxLength: 500,
    example: 'A private number',
    optional: true,
  })
  reason?: string;
}

export class MessagingRuleRequest {
  @TextField({ description: 'The role that writes.', maxLength: 50, example: 'user' })
  from_role!: string;

  @TextField({ description: 'The role that is written to.', maxLength: 50, example: 'clinician' })
  to_role!: string;

  @ChoiceField({
    description: 'initiate: may write first. reply: only where the other has written. deny: not at all.',
    choices: ALLOWS,
    example: 'reply',
  })
  allows!: Allows;

  @IntegerField({
    description: "With reply: for how many days after the other's last message; without it for ever.",
    minimum: 1,
    maximum: 3650,
    example: 14,
    optional: true,
  })
  reply_window_days?: number;
}

export class PutMessagingRulesRequest {
  @ObjectsField(MessagingRuleRequest, {
    description: 'All that shall differ from the default.',
    most: 1000,
    example: [{ from_role: 'user', to_role: 'clinician', allows: 'reply', reply_window_days: 14 }],
  })
  rules!: MessagingRuleRequest[];

  @IntegerField({
    description: 'For how many hours a sender may delete a message for everyone; unchanged if left out.',
    minimum: 0,
    maximum: 87_600,
    example: 24,
    optional: true,
  })
  delete_window_hours?: number;
}
