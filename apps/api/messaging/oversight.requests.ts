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
    description: 'Only threads with this context type.',
    maxLength: 50,
    example: DEMO_PATIENT.type,
    optional: true,
  })
  context_type?: string;

  @TextField({
    description: 'Only threads with this context id.',
    maxLength: 200,
    example: DEMO_PATIENT.id,
    optional: true,
  })
  context_id?: string;
}

export class ModerateMessageRequest {
  @TextField({
    description: 'The reason, for the audit log.',
    maxLength: 500,
    example: 'A private number',
    optional: true,
  })
  reason?: string;
}

export class MessagingRuleRequest {
  @TextField({ description: 'The role of the sender.', maxLength: 50, example: 'user' })
  from_role!: string;

  @TextField({ description: 'The role of the recipient.', maxLength: 50, example: 'clinician' })
  to_role!: string;

  @ChoiceField({
    description: 'initiate: may start a conversation. reply: may only reply. deny: may not write.',
    choices: ALLOWS,
    example: 'reply',
  })
  allows!: Allows;

  @IntegerField({
    description:
      'With reply: the days after the last message of the other person in which a reply is allowed. Default: no limit.',
    minimum: 1,
    maximum: 3650,
    example: 14,
    optional: true,
  })
  reply_window_days?: number;
}

export class PutMessagingRulesRequest {
  @ObjectsField(MessagingRuleRequest, {
    description: 'The rules that differ from the default.',
    most: 1000,
    example: [{ from_role: 'user', to_role: 'clinician', allows: 'reply', reply_window_days: 14 }],
  })
  rules!: MessagingRuleRequest[];

  @IntegerField({
    description: 'The hours in which a sender can delete a message for everyone. Default: unchanged.',
    minimum: 0,
    maximum: 87_600,
    example: 24,
    optional: true,
  })
  delete_window_hours?: number;
}
