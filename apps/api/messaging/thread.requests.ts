import { DEMO_MESSAGES, DEMO_PATIENT, DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { IdField, ObjectField, PersonField, PersonsField } from '../http/compound-fields.js';
import { BooleanField, QueryBooleanField, TextField, TimeField } from '../http/fields.js';
import { ListRequest } from '../http/list.js';

const ContextTypeField = (optional = false) =>
  TextField({
    description: 'The type of what the thread is about: patient, building, ticket …',
    maxLength: 50,
    example: DEMO_PATIENT.type,
    optional,
  });

const ContextIdField = (optional = false) =>
  TextField({
    description: 'The id of what the thread is about.',
    maxLength: 200,
    example: DEMO_PATIENT.id,
    optional,
  });

export class ContextRequest {
  @ContextTypeField() type!: string;
  @ContextIdField() id!: string;

  @TextField({
    description: 'A label for people.',
    maxLength: 200,
    example: DEMO_PATIENT.label,
    optional: true,
  })
  label?: string;
}

export class ListThreadsRequest extends ListRequest {
  @QueryBooleanField({ description: 'Only threads with unread messages.', example: false })
  unread_only: boolean = false;

  @QueryBooleanField({ description: 'true: only archived threads. false: only others. Default: both.' })
  archived?: boolean;

  @ContextTypeField(true) context_type?: string;
  @ContextIdField(true) context_id?: string;
}

const MAX_OTHERS = 999;

export class StartThreadRequest {
  @PersonField({
    description:
      'For a direct thread: the other person, by id or username. It cannot be combined with other fields.',
    example: DEMO_PEOPLE.theo.username,
    optional: true,
  })
  recipient_id?: string;

  @PersonsField({
    description: 'For a group: the other participants, by id or username.',
    most: MAX_OTHERS,
    example: [DEMO_PEOPLE.theo.username, DEMO_PEOPLE.uma.username],
    optional: true,
  })
  participant_ids?: string[];

  @TextField({
    description: 'For a group: its subject.',
    maxLength: 100,
    example: 'Friday outing',
    optional: true,
  })
  subject?: string;

  @ObjectField(ContextRequest, {
    description: 'For a group: what the thread is about.',
    example: DEMO_PATIENT,
    optional: true,
  })
  context?: ContextRequest;

  @TextField({
    description: 'Shorthand for a context of the type patient.',
    maxLength: 200,
    example: DEMO_PATIENT.id,
    optional: true,
  })
  patient_id?: string;
}

/** The two ways to create a thread, as examples for Swagger UI. */
export const START_THREAD_EXAMPLES = {
  direct: { summary: 'A direct thread', value: { recipient_id: DEMO_PEOPLE.theo.username } },
  group: {
    summary: 'A group about a patient',
    value: {
      participant_ids: [DEMO_PEOPLE.theo.username, DEMO_PEOPLE.uma.username],
      subject: 'Friday outing',
      context: DEMO_PATIENT,
    },
  },
};

export class PatchThreadRequest {
  @TimeField({
    description: 'Mutes the thread for the caller until this time. null unmutes it.',
    example: '2099-12-31T00:00:00Z',
    optional: true,
    nullable: true,
  })
  muted_until?: Date | null;

  @BooleanField({
    description: 'Archives the thread for the caller, or restores it.',
    example: false,
    optional: true,
  })
  archived?: boolean;

  @TextField({
    description: 'The new subject of a group, for everybody.',
    maxLength: 100,
    example: DEMO_THREADS.group.subject,
    optional: true,
  })
  subject?: string;
}

export class ReadThreadRequest {
  @IdField({
    description: 'The last message that was read. Default: all messages.',
    example: DEMO_MESSAGES.toResponse.id,
    optional: true,
  })
  up_to?: string;
}

export class AddParticipantRequest {
  @PersonField({ description: 'The person to add, by id or username.', example: DEMO_PEOPLE.ulf.username })
  user_id!: string;
}
