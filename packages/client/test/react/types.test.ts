import type {
  InfiniteData,
  QueryClient,
  UseMutationResult,
  UseQueryResult,
  UseSuspenseQueryResult,
} from '@tanstack/react-query';
import type {
  BlockedPerson,
  Connection,
  Counts,
  Me,
  Message,
  MessageVersion,
  NewMessage,
  NewThread,
  Notification,
  OverseenMessage,
  OverseenThread,
  Preferences,
  PreferencesChange,
  Profile,
  Thread,
  ThreadChange,
  Tidings,
  TidingsError,
} from '@tidings/client';
import * as hooks from '@tidings/client/react';
import type {
  List,
  LoadMore,
  MessageHistory,
  NotificationActions,
  ThreadMessages,
} from '@tidings/client/react';
import { expect, expectTypeOf, it } from 'vitest';

type Result<F extends (...given: never[]) => unknown> = ReturnType<F>;
type Mutation<T, V> = UseMutationResult<T, TidingsError, V>;

it('each hook has the types of TanStack Query, with the error of Tidings', () => {
  type Threads = Result<typeof hooks.useThreads>;
  expectTypeOf<Threads>().toExtend<UseQueryResult<List<Thread>, TidingsError> & LoadMore>();
  expectTypeOf<Threads['data']>().toEqualTypeOf<List<Thread> | undefined>();
  expectTypeOf<Threads['error']>().toEqualTypeOf<TidingsError | null>();
  expectTypeOf<Result<typeof hooks.useInbox>>().toExtend<
    UseQueryResult<List<Thread>, TidingsError> & LoadMore
  >();
  expectTypeOf<Result<typeof hooks.useThread>>().toEqualTypeOf<UseQueryResult<Thread, TidingsError>>();
  expectTypeOf<Result<typeof hooks.useMessages>>().toExtend<
    UseQueryResult<ThreadMessages, TidingsError> & MessageHistory
  >();
  expectTypeOf<Result<typeof hooks.useUnreadCount>>().toEqualTypeOf<UseQueryResult<Counts, TidingsError>>();
  expectTypeOf<Result<typeof hooks.useNotifications>>().toExtend<
    UseQueryResult<List<Notification>, TidingsError> & NotificationActions & LoadMore
  >();
  expectTypeOf<Result<typeof hooks.usePreferences>>().toExtend<UseQueryResult<Preferences, TidingsError>>();
  expectTypeOf<Result<typeof hooks.usePreferences>['update']>().toEqualTypeOf<
    Mutation<Preferences, PreferencesChange>
  >();
  expectTypeOf<Result<typeof hooks.useMe>>().toEqualTypeOf<UseQueryResult<Me, TidingsError>>();
  expectTypeOf<Result<typeof hooks.useConnection>>().toEqualTypeOf<Connection>();
  expectTypeOf<Result<typeof hooks.useTidings>>().toEqualTypeOf<Tidings>();
});

it('typing, presence and drafts are always there', () => {
  expectTypeOf<Result<typeof hooks.useTyping>>().toEqualTypeOf<{
    typing: readonly string[];
    type: () => void;
  }>();
  expectTypeOf<NonNullable<Result<typeof hooks.usePresence>>['state']>().toEqualTypeOf<
    'online' | 'away' | 'offline'
  >();
  expectTypeOf<Result<typeof hooks.useDraft>>().toEqualTypeOf<{
    draft: string;
    saveDraft: (text: string) => void;
  }>();
});

it('a result tells loading, loaded and refused apart', () => {
  const threads = {} as Result<typeof hooks.useThreads>;
  if (threads.isSuccess) expectTypeOf(threads.data).toEqualTypeOf<List<Thread>>();
  if (threads.isError) expectTypeOf(threads.error.code).toEqualTypeOf<TidingsError['code']>();
  expectTypeOf<ThreadMessages>().toHaveProperty('rows').toEqualTypeOf<Message[]>();
  expectTypeOf<keyof ThreadMessages>().toEqualTypeOf<'rows' | 'unsent' | 'hasOlder' | 'hasNewer'>();
  expectTypeOf<keyof List<Thread>>().toEqualTypeOf<'rows' | 'hasMore'>();
});

it('lists of pages have their rows as data', () => {
  expectTypeOf<Result<typeof hooks.useMembers>['data']>().toEqualTypeOf<Profile[] | undefined>();
  expectTypeOf<Result<typeof hooks.useMembers>['error']>().toEqualTypeOf<TidingsError | null>();
  expectTypeOf<Result<typeof hooks.useMembers>>().toHaveProperty('fetchNextPage');
  expectTypeOf<Result<typeof hooks.useBlockedUsers>['data']>().toEqualTypeOf<BlockedPerson[] | undefined>();
  expectTypeOf<Result<typeof hooks.useOversight>['data']>().toEqualTypeOf<OverseenThread[] | undefined>();
  expectTypeOf<Result<typeof hooks.useOversightMessages>['data']>().toEqualTypeOf<
    OverseenMessage[] | undefined
  >();
  expectTypeOf<Result<typeof hooks.useOversightVersions>['data']>().toEqualTypeOf<
    MessageVersion[] | undefined
  >();
  expectTypeOf<InfiniteData<unknown>>().not.toEqualTypeOf<Result<typeof hooks.useMembers>['data']>();
});

it('what is loaded before it renders is never undefined', () => {
  type Loaded<T> = UseSuspenseQueryResult<T, TidingsError>;
  expectTypeOf<Result<typeof hooks.useSuspenseThreads>>().toExtend<Loaded<List<Thread>> & LoadMore>();
  expectTypeOf<Result<typeof hooks.useSuspenseThreads>['data']>().toEqualTypeOf<List<Thread>>();
  expectTypeOf<Result<typeof hooks.useSuspenseInbox>['data']>().toEqualTypeOf<List<Thread>>();
  expectTypeOf<Result<typeof hooks.useSuspenseThread>>().toEqualTypeOf<Loaded<Thread>>();
  expectTypeOf<Result<typeof hooks.useSuspenseMessages>>().toExtend<
    Loaded<ThreadMessages> & MessageHistory
  >();
  expectTypeOf<Result<typeof hooks.useSuspenseNotifications>['data']>().toEqualTypeOf<List<Notification>>();
  expectTypeOf<Result<typeof hooks.useSuspenseUnreadCount>>().toEqualTypeOf<Loaded<Counts>>();
  expectTypeOf<Result<typeof hooks.useSuspensePreferences>['data']>().toEqualTypeOf<Preferences>();
});

it('mutations have the types of what they send and receive', () => {
  expectTypeOf<Result<typeof hooks.useSendMessage>>().toExtend<Mutation<Message, NewMessage>>();
  expectTypeOf<Result<typeof hooks.useSendMessage>['retry']>().toEqualTypeOf<
    (clientToken: string, content?: string) => void
  >();
  expectTypeOf<Result<typeof hooks.useEditMessage>>().toEqualTypeOf<
    Mutation<Message, { message: Message; content: string }>
  >();
  expectTypeOf<Result<typeof hooks.useDeleteMessage>>().toEqualTypeOf<
    Mutation<void, { message: Message; scope?: 'me' | 'everyone' }>
  >();
  expectTypeOf<Result<typeof hooks.useMarkRead>>().toEqualTypeOf<Mutation<void, Message | void>>();
  expectTypeOf<Result<typeof hooks.useMarkRead>['mutate']>().toBeCallableWith();
  expectTypeOf<Result<typeof hooks.useCreateThread>>().toEqualTypeOf<Mutation<Thread, NewThread>>();
  expectTypeOf<Result<typeof hooks.useUpdateThread>>().toEqualTypeOf<Mutation<void, ThreadChange>>();
  expectTypeOf<Result<typeof hooks.useBlockUser>>().toEqualTypeOf<Mutation<void, string>>();
  expectTypeOf<Result<typeof hooks.useUnblockUser>>().toEqualTypeOf<Mutation<void, string>>();
});

it('what a hook cannot take is an error of the compiler', () => {
  expectTypeOf(hooks.useThreads).toBeCallableWith({ archived: true, enabled: false });
  expectTypeOf(hooks.useThreads).toBeCallableWith({ initialData: { rows: [], hasMore: false } });
  expectTypeOf(hooks.useReadOnView).parameter(0).toEqualTypeOf<Message>();
  // @ts-expect-error The option is called archived.
  void (() => hooks.useThreads({ isArchived: true }));
  // @ts-expect-error A component that suspends cannot be told not to load.
  void (() => hooks.useSuspenseThreads({ enabled: false }));
  // @ts-expect-error Oversight needs a reason.
  void (() => hooks.useOversight({ person: 'theo' }));
  // @ts-expect-error A mutation that sends needs a content.
  void (({ mutate }: Result<typeof hooks.useSendMessage>) => mutate({}));
});

it('the key of a query knows its data', () => {
  const read = (client: QueryClient, tidings: Tidings) => ({
    threads: client.getQueryData(hooks.threadsQuery(tidings).queryKey),
    thread: client.getQueryData(hooks.threadQuery(tidings, 'id').queryKey),
    messages: client.getQueryData(hooks.messagesQuery(tidings, 'id').queryKey),
    counts: client.getQueryData(hooks.unreadCountQuery(tidings).queryKey),
    notifications: client.getQueryData(hooks.notificationsQuery(tidings).queryKey),
    preferences: client.getQueryData(hooks.preferencesQuery(tidings).queryKey),
  });
  expectTypeOf<Result<typeof read>>().toEqualTypeOf<{
    threads: List<Thread> | undefined;
    thread: Thread | undefined;
    messages: ThreadMessages | undefined;
    counts: Counts | undefined;
    notifications: List<Notification> | undefined;
    preferences: Preferences | undefined;
  }>();
});

/** Each has its types above. */
const TYPED = Object.keys(hooks).filter((name) => name.startsWith('use'));

it('every hook is in this file', async () => {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile('packages/client/test/react/types.test.ts', 'utf8');
  expect(TYPED.length).toBeGreaterThan(25);
  expect(TYPED.filter((name) => !new RegExp(`hooks\\.${name}\\b`).test(text))).toEqual([]);
});
