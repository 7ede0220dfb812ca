import { CreateTenancyFunctions1763640001000 } from './1763640001000-create-tenancy-functions.js';
import { CreateOrganizations1763640002000 } from './1763640002000-create-organizations.js';
import { CreateMembers1763640003000 } from './1763640003000-create-members.js';
import { CreateApiKeys1763640004000 } from './1763640004000-create-api-keys.js';
import { CreateOutbox1763640005000 } from './1763640005000-create-outbox.js';
import { CreateIdempotencyKeys1763640006000 } from './1763640006000-create-idempotency-keys.js';
import { CreateAuditEntries1763640007000 } from './1763640007000-create-audit-entries.js';
import { CreateBlocks1763640008000 } from './1763640008000-create-blocks.js';
import { CreateThreads1763640009000 } from './1763640009000-create-threads.js';
import { CreateMessages1763640010000 } from './1763640010000-create-messages.js';
import { CreateMessagingRules1763640011000 } from './1763640011000-create-messaging-rules.js';
import { CreateNotificationTypes1763640012000 } from './1763640012000-create-notification-types.js';
import { CreatePreferences1763640013000 } from './1763640013000-create-preferences.js';
import { LeaseOutbox1763640014000 } from './1763640014000-lease-outbox.js';
import { CreateNotifications1763640015000 } from './1763640015000-create-notifications.js';
import { ListOrganizations1763640016000 } from './1763640016000-list-organizations.js';
import { CountUnreadNotifications1763640017000 } from './1763640017000-count-unread-notifications.js';
import { GuardThreads1763640018000 } from './1763640018000-guard-threads.js';
import { CreateDeliveries1763640020000 } from './1763640020000-create-deliveries.js';
import { CreateWebhookEndpoints1763640021000 } from './1763640021000-create-webhook-endpoints.js';
import { CreatePushSubscriptions1763640022000 } from './1763640022000-create-push-subscriptions.js';
import { ListSuppressedNotifications1763640023000 } from './1763640023000-list-suppressed-notifications.js';
import { SendTogether1763640024000 } from './1763640024000-send-together.js';
import { CountDirectThreads1763640026000 } from './1763640026000-count-direct-threads.js';
import { ClaimByOrganization1763640031000 } from './1763640031000-claim-by-organization.js';
import { KeepForATime1763640031100 } from './1763640031100-keep-for-a-time.js';
import { QueueDeliveries1763640032000 } from './1763640032000-queue-deliveries.js';
import { IndexDeliveryQueues1763640032100 } from './1763640032100-index-delivery-queues.js';
import { FreezeLeftGroups1763640033000 } from './1763640033000-freeze-left-groups.js';
import { LeaveGroupsOnRemoval1763640033001 } from './1763640033001-leave-groups-on-removal.js';
import { RepairGroups1763640033002 } from './1763640033002-repair-groups.js';
import { KeepNamesOfBlocked1763640034000 } from './1763640034000-keep-names-of-blocked.js';
import { FillNamesOfBlocked1763640034001 } from './1763640034001-fill-names-of-blocked.js';
import { IndexDeletedMessages1763640034002 } from './1763640034002-index-deleted-messages.js';
import { CreateMemberWords1763640034003 } from './1763640034003-create-member-words.js';
import { FillMemberWords1763640034004 } from './1763640034004-fill-member-words.js';
import { RecordApiKeys1763640035000 } from './1763640035000-record-api-keys.js';
import { CreateActAsReads1763640035100 } from './1763640035100-create-act-as-reads.js';
import { AdmitErasure1763640035200 } from './1763640035200-admit-erasure.js';
import { DeleteUsersInSteps1763640035300 } from './1763640035300-delete-users-in-steps.js';
import { HoldWebhookEndpoints1763640036000 } from './1763640036000-hold-webhook-endpoints.js';
import { GiveDeliveriesReasons1763640036100 } from './1763640036100-give-deliveries-reasons.js';
import { CheckDeliveryReasons1763640036200 } from './1763640036200-check-delivery-reasons.js';
import { SeparateOrganizationScope1763640037000 } from './1763640037000-separate-organization-scope.js';
import { EndScopeOfNilUser1763640037100 } from './1763640037100-end-scope-of-nil-user.js';
import { KeyOutboxByTime1763640038000 } from './1763640038000-key-outbox-by-time.js';
import { AnnounceMemberships1763640038100 } from './1763640038100-announce-memberships.js';
import { LeaveGroupsInChunks1763640039000 } from './1763640039000-leave-groups-in-chunks.js';
import { LeaveGroupsAfterRemoval1763640040000 } from './1763640040000-leave-groups-after-removal.js';
import { IndexDeliveryList1763640040050 } from './1763640040050-index-delivery-list.js';
import { IndexDeadLettersByType1763640040100 } from './1763640040100-index-dead-letters-by-type.js';
import { IndexVisibleMembers1763640040200 } from './1763640040200-index-visible-members.js';
import { OrderMessageVersions1763640040300 } from './1763640040300-order-message-versions.js';
import { LimitGroupsOfPerson1763640040400 } from './1763640040400-limit-groups-of-person.js';
import { IndexListedGroups1763640040500 } from './1763640040500-index-listed-groups.js';
import { AddMessageRevs1763640041000 } from './1763640041000-add-message-revs.js';
import { KeepRevsOfVersions1763640041100 } from './1763640041100-keep-revs-of-versions.js';
import { SeparatePlatformScope1763640042000 } from './1763640042000-separate-platform-scope.js';
import { LogChanges1763640050000 } from './1763640050000-log-changes.js';
import { CreatePresence1763640060000 } from './1763640060000-create-presence.js';

/** In the order in which they apply. Listed, not globbed, so that the built server and the tests have the same. */
export const MIGRATIONS = [
  CreateTenancyFunctions1763640001000,
  CreateOrganizations1763640002000,
  CreateMembers1763640003000,
  CreateApiKeys1763640004000,
  CreateOutbox1763640005000,
  CreateIdempotencyKeys1763640006000,
  CreateAuditEntries1763640007000,
  CreateBlocks1763640008000,
  CreateThreads1763640009000,
  CreateMessages1763640010000,
  CreateMessagingRules1763640011000,
  CreateNotificationTypes1763640012000,
  CreatePreferences1763640013000,
  LeaseOutbox1763640014000,
  CreateNotifications1763640015000,
  ListOrganizations1763640016000,
  CountUnreadNotifications1763640017000,
  GuardThreads1763640018000,
  CreateDeliveries1763640020000,
  CreateWebhookEndpoints1763640021000,
  CreatePushSubscriptions1763640022000,
  ListSuppressedNotifications1763640023000,
  SendTogether1763640024000,
  CountDirectThreads1763640026000,
  ClaimByOrganization1763640031000,
  KeepForATime1763640031100,
  QueueDeliveries1763640032000,
  IndexDeliveryQueues1763640032100,
  FreezeLeftGroups1763640033000,
  LeaveGroupsOnRemoval1763640033001,
  RepairGroups1763640033002,
  KeepNamesOfBlocked1763640034000,
  FillNamesOfBlocked1763640034001,
  IndexDeletedMessages1763640034002,
  CreateMemberWords1763640034003,
  FillMemberWords1763640034004,
  RecordApiKeys1763640035000,
  CreateActAsReads1763640035100,
  AdmitErasure1763640035200,
  DeleteUsersInSteps1763640035300,
  HoldWebhookEndpoints1763640036000,
  GiveDeliveriesReasons1763640036100,
  CheckDeliveryReasons1763640036200,
  SeparateOrganizationScope1763640037000,
  EndScopeOfNilUser1763640037100,
  KeyOutboxByTime1763640038000,
  AnnounceMemberships1763640038100,
  LeaveGroupsInChunks1763640039000,
  LeaveGroupsAfterRemoval1763640040000,
  IndexDeliveryList1763640040050,
  IndexDeadLettersByType1763640040100,
  IndexVisibleMembers1763640040200,
  OrderMessageVersions1763640040300,
  LimitGroupsOfPerson1763640040400,
  IndexListedGroups1763640040500,
  AddMessageRevs1763640041000,
  KeepRevsOfVersions1763640041100,
  SeparatePlatformScope1763640042000,
  LogChanges1763640050000,
  CreatePresence1763640060000,
];
