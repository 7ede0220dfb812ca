import { DELIVERY_STATUSES, type DeliveryStatus } from '#delivery';
import { SENT_CHANNELS, type SentChannel } from '#outbound';
import { ChoiceField } from '../http/fields.js';
import { ListRequest } from '../http/list.js';

export class ListDeliveriesRequest extends ListRequest {
  @ChoiceField({
    description: 'Only deliveries with this status.',
    choices: DELIVERY_STATUSES,
    optional: true,
  })
  status?: DeliveryStatus;

  @ChoiceField({
    description: 'Only deliveries on this channel.',
    choices: SENT_CHANNELS,
    optional: true,
  })
  channel?: SentChannel;
}
