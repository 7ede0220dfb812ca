import type * as Api from './generated/types.gen.js';

/**
 * A conversation of two people or a group, as the person sees it.
 *
 * @example
 * const label = (thread: Thread) => thread.subject ?? thread.participants.map((one) => one.display_name).join(', ');
 */
export type Thread = Api.ThreadResponse;

/**
 * A page of threads.
 *
 * @example
 * const { data, next_cursor }: ThreadList = await tidings.threads.list({ limit: 50 });
 */
export type ThreadList = Api.ThreadListResponse;

/**
 * Which threads to list.
 *
 * @example
 * const query: ThreadsQuery = { archived: false, unread_only: true };
 */
export type ThreadsQuery = NonNullable<Api.ListThreadsData['query']>;

/**
 * A thread with a page of its messages.
 *
 * @example
 * const { messages, read_marks }: ThreadPage = await tidings.threads.get(id);
 */
export type ThreadPage = Api.ThreadPageResponse;

/**
 * Which messages of a thread or conversation to get.
 *
 * @example
 * const query: MessagesQuery = { around_seq: thread.last_read_seq };
 */
export type MessagesQuery = NonNullable<Api.GetThreadData['query']>;

/**
 * The direct thread to open, or the group to create.
 *
 * @example
 * const group: NewThread = { participant_ids: ['theo', 'uma'], subject: 'Friday outing' };
 */
export type NewThread = Api.StartThreadRequest;

/**
 * What to change of a thread: whether the person has archived it, until when they have muted it, or its subject.
 *
 * @example
 * const change: ThreadChange = { archived: true };
 */
export type ThreadChange = Api.PatchThreadRequest;

/**
 * A person in a thread.
 *
 * @example
 * const names = thread.participants.map((participant: Participant) => participant.display_name);
 */
export type Participant = Api.ParticipantResponse;

/**
 * Up to which message somebody has read a thread.
 *
 * @example
 * const readers = marks.filter((mark: ReadMark) => mark.seq >= message.seq);
 */
export type ReadMark = Api.ReadMarkResponse;

/**
 * Whether a person is online. Of a person who is offline, `last_seen_at` says since when, if that is known.
 *
 * @example
 * const label = ({ state, last_seen_at }: Presence) => (state === 'offline' ? `last seen ${last_seen_at}` : state);
 */
export type Presence = Omit<Api.PresentPerson, 'user_id'>;

/**
 * A message of a thread. Its content is null once it was deleted for everyone.
 *
 * @example
 * const text = (message: Message) => message.content ?? 'This message was deleted.';
 */
export type Message = Api.MessageResponse;

/**
 * A message to send to a thread.
 *
 * @example
 * const message: NewMessage = { content: 'See you on Tuesday?', reply_to_id: other.id };
 */
export type NewMessage = Api.PostMessageRequest;

/**
 * A message to send to a person. The thread with them is created if there is none.
 *
 * @example
 * const message: NewDirectMessage = { recipient: 'theo', content: 'Hello' };
 */
export type NewDirectMessage = Api.SendMessageRequest;

/**
 * Where a message to a person was stored.
 *
 * @example
 * const { thread_id }: SentMessage = await tidings.messages.send({ recipient: 'theo', content: 'Hello' });
 */
export type SentMessage = Api.SentResponse;

/**
 * An earlier text of a message.
 *
 * @example
 * const texts = versions.map((version: MessageVersion) => version.content);
 */
export type MessageVersion = Api.VersionResponse;

/**
 * The direct thread with a person, with a page of its messages.
 *
 * @example
 * const { messages }: Conversation = await tidings.messages.conversation('theo');
 */
export type Conversation = Api.ConversationResponse;

/**
 * A page of the direct threads of the person.
 *
 * @example
 * const { conversations }: Inbox = await tidings.messages.inbox();
 */
export type Inbox = Api.InboxResponse;

/**
 * How many messages are unread, and in how many threads.
 *
 * @example
 * const { unread_count }: UnreadMessages = await tidings.messages.unreadCount();
 */
export type UnreadMessages = Api.UnreadResponse;

/**
 * A person whom the person has blocked.
 *
 * @example
 * const names = blocked.map((one: BlockedPerson) => one.username);
 */
export type BlockedPerson = Api.BlockedPersonResponse;

/**
 * A notification of the feed.
 *
 * @example
 * const open = (notification: Notification) => notification.action_url && location.assign(notification.action_url);
 */
export type Notification = Api.NotificationResponse;

/**
 * A page of the feed.
 *
 * @example
 * const { data, unread_count }: NotificationList = await tidings.notifications.list();
 */
export type NotificationList = Api.NotificationListResponse;

/**
 * Which notifications to list.
 *
 * @example
 * const query: NotificationsQuery = { status: 'unread', type: 'BILLING' };
 */
export type NotificationsQuery = NonNullable<Api.ListNotificationsData['query']>;

/**
 * Why a notification was sent over some channels and not over others.
 *
 * @example
 * const { deliveries }: NotificationExplanation = await tidings.notifications.explain(id);
 */
export type NotificationExplanation = Api.ExplanationResponse;

/**
 * Over which channels the person gets which notifications: what they chose, and the result with the defaults of their
 * organization.
 *
 * @example
 * const { explicit, effective }: Preferences = await tidings.preferences.get();
 */
export type Preferences = Api.PreferencesResponse;

/**
 * What to change of the preferences. null returns to the inherited value.
 *
 * @example
 * const change: PreferencesChange = { types: { BILLING: { email: 'daily' } }, paused_until: null };
 */
export type PreferencesChange = Api.PatchPreferencesRequest;

/**
 * A browser that gets web push.
 *
 * @example
 * const endpoints = subscriptions.map((one: PushSubscription) => one.endpoint);
 */
export type PushSubscription = Api.PushSubscriptionResponse;

/**
 * What others see of a person.
 *
 * @example
 * const { display_name }: Profile = await tidings.members.get('theo');
 */
export type Profile = Api.ProfileResponse;

/**
 * The person who is signed in, with their permissions.
 *
 * @example
 * const { id, permissions }: Me = await tidings.members.me();
 */
export type Me = Api.MeResponse;

/**
 * Who may write to the person and see them.
 *
 * @example
 * const change: Partial<Visibility> = { accepts_messages_from: 'known' };
 */
export type Visibility = Api.VisibilityResponse;

/**
 * A thread as oversight shows it.
 *
 * @example
 * const isGroup = ({ kind }: OverseenThread) => kind === 'group';
 */
export type OverseenThread = Api.OverseenThreadResponse;

/**
 * A message as oversight shows it: with its content even if it was deleted.
 *
 * @example
 * const deleted = messages.filter(({ deleted_at }: OverseenMessage) => deleted_at !== null);
 */
export type OverseenMessage = Api.OverseenMessageResponse;

/**
 * Which threads of the organization to list.
 *
 * @example
 * const query: OverseenThreadsQuery = { person: 'theo' };
 */
export type OverseenThreadsQuery = NonNullable<Api.ListOrganizationThreadsData['query']>;

/**
 * How much is unread.
 *
 * @example
 * const badge = ({ messages, notifications }: Counts) => messages + notifications;
 */
export type Counts = Api.CountsResponse;

/**
 * The current state of everything that changed since a cursor.
 *
 * @example
 * const { threads, counts }: Changes = await tidings.realtime.changes({ cursor });
 */
export type Changes = Api.SyncResponse;
