import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type Tidings, createTidings } from '@tidings/client';
import {
  TidingsProvider,
  useConnection,
  useMembers,
  useMessages,
  useSuspenseThreads,
  useThreads,
  useUnreadCount,
} from '@tidings/client/react';
import { Suspense, createElement as h, type ReactNode } from 'react';

/** What the server has read for the page. */
const COUNTS = { messages: 7, notifications: 0, notifications_by_type: {} };

function Inbox({ threadId }: { threadId: string }): ReactNode {
  const { data: counts } = useUnreadCount({ initialData: COUNTS });
  const messages = useMessages(threadId);
  const states = [useThreads(), useMembers()].map(({ status }) => status);
  return h('p', null, [counts?.messages, messages.data?.rows.length, ...states, useConnection()].join());
}

const Threads = (): ReactNode => h('p', null, useSuspenseThreads().data.rows.length);

/** A page of a product, as its server and its browsers render it. */
export const page = (tidings: Tidings, threadId: string, isSuspended = false): ReactNode =>
  h(
    QueryClientProvider,
    { client: new QueryClient() },
    h(
      TidingsProvider,
      { client: tidings },
      h(Inbox, { threadId }),
      isSuspended && h(Suspense, { fallback: 'suspended' }, h(Threads)),
    ),
  );

export { createTidings };
