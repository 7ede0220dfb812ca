export { type CancelReason, PUBLIC_REASONS, isPublicReason } from './cancel-reason.js';
export { OrganizationKey } from './organization-key.entity.js';
export {
  decryptKey,
  findOrganizationKey,
  organizationKey,
  replaceOrganizationKey,
} from './organization-keys.js';
export {
  type ChannelSender,
  type OutboundDelivery,
  type SendOutcome,
  hasWaited,
} from './outbound-delivery.js';
export { lockKeys } from './organization-keys.queries.js';
export { OutboundError } from './outbound-error.js';
export { type HttpContent, type HttpResponse, OutboundHttp } from './outbound-http.js';
export { TOO_MANY_REQUESTS, retryOutcome } from './retry-outcome.js';
export { SENT_CHANNELS, type SentChannel } from './sent-channel.js';
export { OutboundModule } from './outbound.module.js';
