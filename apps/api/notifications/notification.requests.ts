import { LISTED, type Listed, STATUSES, type Status } from '#notifications';
import { DEMO_NOTIFICATION } from '../demo/conversations.js';
import { IdField } from '../http/compound-fields.js';
import { ChoiceField, QueryBooleanField, TextField, TimeField } from '../http/fields.js';
import { ListRequest } from '../http/list.js';

export const LONGEST_TYPE = 50;

const TypeField = () =>
  TextField({
    description: 'Only of this type.',
    maxLength: LONGEST_TYPE,
    example: 'MESSAGE',
    optional: true,
  });

export class ListNotificationsRequest extends ListRequest {
  @ChoiceField({
    description:
      'Only with this status; unread and read ones if left out. suppressed: what was told to you while it was off in the feed.',
    choices: LISTED,
    optional: true,
  })
  status?: Listed;

  @TypeField() type?: string;

  @TimeField({
    description: 'Only from this time on.',
    example: '2020-01-01T00:00:00Z',
    optional: true,
  })
  since?: Date;

  @QueryBooleanField({
    description: 'Folds unread ones with one aggregation_id into the newest of them, with their count.',
    example: false,
  })
  grouped: boolean = false;
}

export class PatchNotificationRequest {
  @ChoiceField({ description: 'What becomes of it.', choices: STATUSES, example: 'read' })
  status!: Status;
}

export class ReadAllRequest {
  @TypeField() type?: string;

  @IdField({
    description: 'The newest one that you have seen: what came after it stays unread.',
    example: DEMO_NOTIFICATION.id,
    optional: true,
  })
  before?: string;
}
