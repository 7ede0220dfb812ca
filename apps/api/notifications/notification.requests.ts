import { LISTED, type Listed, STATUSES, type Status } from '#notifications';
import { DEMO_NOTIFICATION } from '../demo/conversations.js';
import { IdField } from '../http/compound-fields.js';
import { ChoiceField, QueryBooleanField, TextField, TimeField } from '../http/fields.js';
import { ListRequest } from '../http/list.js';

export const MAX_TYPE_LENGTH = 50;

const TypeField = () =>
  TextField({
    description: 'Only notifications of this type.',
    maxLength: MAX_TYPE_LENGTH,
    example: 'MESSAGE',
    optional: true,
  });

export class ListNotificationsRequest extends ListRequest {
  @ChoiceField({
    description:
      'Only notifications with this status. suppressed: those whose in-app channel was off. Default: unread and read.',
    choices: LISTED,
    optional: true,
  })
  status?: Listed;

  @TypeField() type?: string;

  @TimeField({
    description: 'Only notifications since this time.',
    example: '2020-01-01T00:00:00Z',
    optional: true,
  })
  since?: Date;

  @QueryBooleanField({
    description:
      'Groups unread notifications with the same aggregation_id into the newest of them, with their count.',
    example: false,
  })
  grouped: boolean = false;
}

export class PatchNotificationRequest {
  @ChoiceField({ description: 'The new status.', choices: STATUSES, example: 'read' })
  status!: Status;
}

export class ReadAllRequest {
  @TypeField() type?: string;

  @IdField({
    description: 'The newest notification that the caller has seen. Later ones stay unread.',
    example: DEMO_NOTIFICATION.id,
    optional: true,
  })
  before?: string;
}
