import { DEMO_MESSAGES, DEMO_PATIENT, DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { IdField, ObjectField, PersonField, PersonsField } from '../http/compound-fields.js';
import { BooleanField, QueryBooleanField, TextField, TimeField } from '../http/fields.js';
import { ListRequest } from '../http/list.js';

const ContextTypeField = (optional = false) =>
  TextField({
    description: 'What kind of thing it is about: patient, building, ticket …',
    maxLength: 50,
    example: DEMO_PATIENT.type,
    optional,
  });

const ContextIdField = (optional = false) =>
  TextField({ description: 'Which one.', maxLength: 200, example: DEMO_PATIENT.id, optional });

export class ContextRequest {
  @ContextTypeField() type!: string;
  @ContextIdField() id!: string;

  @TextField({
    description: 'What people call it.',
    maxLength: 200,
    example: DEMO_PATIENT.label,
    optional: true,
  })
  label?: string;
}

export class ListThreadsRequest extends ListRequest {
  @QueryBooleanField({ description: 'Only threads with something unread.', example: false })
  unread_only: boolean = false;

  @QueryBooleanField({ description: 'Only archived threads, or only others; both if left out.' })
  archived?: boolean;

  @ContextTypeField(true) context_type?: string;
  @ContextIdField(true) context_id?: string;
}

const MOST_OTHERS = 999;

export class StartThreadRequest {
  @PersonField({
    description: 'For a direct thread: with whom, by id or username. Nothing else goes with it.',
    example: DEMO_PEOPLE.theo.username,
    optional: true,
  })
  recipient_id?: string;

  @PersonsField({
    description: 'For a group: the others in it, by id or username.',
    most: MOST_OTHERS,
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
    description: 'For a group: what it is about.',
    example: DEMO_PATIENT,
    optional: true,
  })
  context?: ContextRequest;

  @TextField({
    description: 'Short for a context of the type patient.',
    maxLength: 200,
    example: DEMO_PATIENT.id,
    optional: true,
  })
  patient_id?: string;
}

/** The two ways to start a thread, for Swagger UI to offer. */
export const START_THREAD_EXAMPLES = {
  direct: { summary: 'With one person', value: { recipient_id: DEMO_PEOPLE.theo.username } },
  group: {
    summary: 'With several, about a patient',
    value: {
      participant_ids: [DEMO_PEOPLE.theo.username, DEMO_PEOPLE.uma.username],
      subject: 'Friday outing',
      context: DEMO_PATIENT,
    },
  },
};

export class PatchThreadRequest {
  @TimeField({
    description: 'For me: no notifications until then; null ends it.',
    example: '2099-12-31T00:00:00Z',
    optional: true,
    nullable: true,
  })
  muted_until?: Date | null;

  @BooleanField({ description: 'For me: put away, or not any more.', example: false, optional: true })
  archived?: boolean;

  @TextField({
    description: 'For all, by the owner of the group.',
    maxLength: 100,
    example: DEMO_THREADS.group.subject,
    optional: true,
  })
  subject?: string;
}

export class ReadThreadRequest {
  @IdField({
    description: 'The last message that was read; all of them if left out.',
    example: DEMO_MESSAGES.toAnswer.id,
    optional: true,
  })
  up_to?: string;
}

export class AddParticipantRequest {
  @PersonField({ description: 'Who joins, by id or username.', example: DEMO_PEOPLE.ulf.username })
  user_id!: string;
}
