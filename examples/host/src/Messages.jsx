import {
  useConnection,
  useMembers,
  useThreads,
  useCreateThread,
  useUnreadCount,
} from '@tidings/client/react';
import { useState } from 'react';
import { Thread } from './Thread.jsx';

/** Everybody that the person can write to, the threads that they have, and one of these. */
export function Messages({ person, onSignOut }) {
  const [threadId, setThreadId] = useState();
  const { data: counts } = useUnreadCount();
  const connection = useConnection();
  return (
    <div className="messages">
      <header>
        <h1>Hillside Homes</h1>
        <span role="status">{connection === 'live' ? '' : connection}</span>
        <span className="badge" aria-label="Unread messages">
          {counts?.messages ?? 0}
        </span>
        <span>{person.display_name}</span>
        <button onClick={() => void onSignOut()}>Sign out</button>
      </header>
      <nav>
        <Threads person={person} selected={threadId} onSelect={setThreadId} />
        <People person={person} onSelect={setThreadId} />
      </nav>
      {threadId ? <Thread key={threadId} id={threadId} person={person} /> : <main />}
    </div>
  );
}

function Threads({ person, selected, onSelect }) {
  const { data } = useThreads();
  const nameOf = ({ subject, participants }) =>
    subject ?? participants.find(({ user_id: id }) => id !== person.id)?.display_name ?? 'Nobody';
  return (
    <ul aria-label="Threads">
      {data?.rows.map((thread) => (
        <li key={thread.id}>
          <button aria-current={thread.id === selected} onClick={() => onSelect(thread.id)}>
            <b>{nameOf(thread)}</b> <small>{thread.last_message?.preview}</small>
            {thread.unread_count > 0 && <span className="badge">{thread.unread_count}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function People({ person, onSelect }) {
  const { data } = useMembers();
  const { mutate: create } = useCreateThread();
  const open = (recipient_id) => create({ recipient_id }, { onSuccess: ({ id }) => onSelect(id) });
  const others = data?.filter(({ id }) => id !== person.id);
  return (
    <ul aria-label="People">
      {others?.map(({ id, display_name }) => (
        <li key={id}>
          <button onClick={() => open(id)}>Write to {display_name}</button>
        </li>
      ))}
    </ul>
  );
}
