import type * as Api from '../generated/types.gen.js';

/**
 * A page of a list. Pass `next_cursor` as `cursor` to get the next one; it is null on the last page.
 *
 * @example
 * const { data, next_cursor }: Page<Role> = await server.roles.list({ limit: 100 });
 */
export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

/**
 * Which page of a list to get.
 *
 * @example
 * const query: PageQuery = { limit: 100, cursor: page.next_cursor ?? undefined };
 */
export interface PageQuery {
  limit?: number;
  cursor?: string;
}

/**
 * An organization: one customer of your product, with members of its own.
 *
 * @example
 * const { name }: Organization = await server.organizations.get(id);
 */
export type Organization = Api.OrganizationResponse;

/**
 * How far the deletion of a user has come.
 *
 * @example
 * const isDone = ({ status }: UserDeletion) => status === 'deleted';
 */
export type UserDeletion = Api.DeletionResponse;

/**
 * A member to create or replace. Omitted optional fields are cleared.
 *
 * @example
 * const member: NewMember = { username: 'theo', display_name: 'Theo Therapist', role: 'therapist' };
 */
export type NewMember = Api.PutMemberRequest;

/**
 * A member as your back end sees them, with their e-mail address.
 *
 * @example
 * const { email }: Member = await server.members.put(id, member);
 */
export type Member = Api.MemberResponse;

/**
 * A role, and the permissions that it grants.
 *
 * @example
 * const maySend = ({ effective_permissions }: Role) => effective_permissions.includes('notifications:send');
 */
export type Role = Api.RoleResponse;

/**
 * What a role or an API key may do. `*` stands for all permissions.
 *
 * @example
 * const scopes: Permission[] = ['act_as', 'notifications:send'];
 */
export type Permission = Api.PutRoleRequest['permissions'][number];

/**
 * An API key, without its secret.
 *
 * @example
 * const unused = keys.filter(({ last_used_at }: ApiKey) => last_used_at === null);
 */
export type ApiKey = Api.ListedApiKeyResponse;

/**
 * An API key to create.
 *
 * @example
 * const key: NewApiKey = { name: 'billing', scopes: ['notifications:send'] };
 */
export type NewApiKey = Api.CreateApiKeyRequest;

/**
 * A key that was created. Its secret is shown only here.
 *
 * @example
 * const { secret }: CreatedApiKey = await server.apiKeys.create({ name: 'billing', scopes: ['notifications:send'] });
 */
export type CreatedApiKey = Api.NewApiKeyResponse;

/**
 * A notification for several people, a role or everyone.
 *
 * @example
 * const notification: NewNotification = { to: { role: 'user' }, type: 'SYSTEM', title: 'Closed', body: 'On Monday.' };
 */
export type NewNotification = Api.NotifyRequest;

/**
 * What became of a notification that was accepted. `unknown_users` are not members, and get nothing.
 *
 * @example
 * const { id, unknown_users }: AcceptedNotification = await server.notifications.send(notification);
 */
export type AcceptedNotification = Api.AcceptedRequestResponse;

/**
 * How many people were notified so far.
 *
 * @example
 * const { notified, recipients }: NotificationProgress = await server.notifications.progress(id);
 */
export type NotificationProgress = Api.RequestProgressResponse;

/**
 * The preferences of people without a choice of their own, and the locked choices.
 *
 * @example
 * const { locked }: OrganizationPreferences = await server.preferences.get();
 */
export type OrganizationPreferences = Api.OrganizationDocument;

/**
 * What to change of the preferences of the organization. null returns to the defaults of the types.
 *
 * @example
 * const change: OrganizationPreferencesChange = { types: { BILLING: { email: 'on' } } };
 */
export type OrganizationPreferencesChange = Api.PatchOrganizationDefaultsRequest;

/**
 * A type of notifications.
 *
 * @example
 * const isOurs = (type: NotificationType) => !type.is_default;
 */
export type NotificationType = Api.NotificationTypeResponse;

/**
 * A type to create or replace.
 *
 * @example
 * const type: NewNotificationType = { default_channels: { in_app: 'on', email: 'daily' } };
 */
export type NewNotificationType = Api.PutNotificationTypeRequest;
