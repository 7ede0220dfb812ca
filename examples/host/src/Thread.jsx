import {
  useDraft,
  useMessages,
  useReadOnView,
  useSendMessage,
  useThread,
  useTyping,
} from '@tidings/client/react';

/** The messages of a thread, who types, and what the person writes. */
export function Thread({ id, person }) {
  const { data: thread } = useThread(id);
  const { data, loadOlder } = useMessages(id);
  const { retry, discard } = useSendMessage(id);
  const nameOf = (userId) => thread?.participants.find(({ user_id }) => user_id === userId)?.display_name;
  return (
    <main>
      {data?.hasOlder && <button onClick={() => void loadOlder()}>Earlier messages</button>}
      <ol aria-label="Messages">
        {data?.rows.map((message) => (
          <Message
            key={message.client_token ?? message.id}
            message={message}
            isOwn={message.sender_id === person.id}
          />
        ))}
        {data?.unsent.map(({ client_token, content, status, error }) => (
          <li key={client_token} className={`own ${status}`}>
            {content}
            {status === 'failed' && (
              <>
                <small role="alert">{error.message}</small>
                <button onClick={() => retry(client_token)}>Send again</button>
                <button onClick={() => discard(client_token)}>Discard</button>
              </>
            )}
          </li>
        ))}
      </ol>
      <Writer id={id} nameOf={nameOf} />
    </main>
  );
}

/** Is marked as read once it was in view for a second. */
function Message({ message, isOwn }) {
  const ref = useReadOnView(message);
  return (
    <li ref={ref} className={isOwn ? 'own' : ''}>
      {message.content ?? <em>This message was deleted.</em>}
    </li>
  );
}

function Writer({ id, nameOf }) {
  const { mutate: send } = useSendMessage(id);
  const { draft, saveDraft } = useDraft(id);
  const { typing, type } = useTyping(id);
  const submit = (event) => {
    event.preventDefault();
    if (draft.trim() === '') return;
    send({ content: draft });
    saveDraft('');
  };
  return (
    <form onSubmit={submit}>
      <p role="status">{typing.length > 0 && `${typing.map(nameOf).join(', ')} …`}</p>
      <input
        aria-label="Message"
        autoComplete="off"
        value={draft}
        onChange={({ target }) => {
          saveDraft(target.value);
          type();
        }}
      />
      <button>Send</button>
    </form>
  );
}
