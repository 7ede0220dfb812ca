import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTidings } from '@tidings/client';
import { TidingsProvider, useMessages, useSendMessage } from '@tidings/client/react';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

const SHOWN = 50;

/** A thread as a product shows it, and when something happens in it. */
function Chat({ thread }: { thread: string }) {
  const { data } = useMessages(thread);
  const { mutate: send } = useSendMessage(thread);
  const [text, setText] = useState('');
  return (
    <>
      <ol>
        {data?.rows.slice(-SHOWN).map((message) => (
          <li key={message.client_token ?? message.id}>{message.content}</li>
        ))}
      </ol>
      <input
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={({ key }) => {
          if (key !== 'Enter') return;
          window.happened.push({ what: 'enter', text, at: performance.timeOrigin + performance.now() });
          send({ content: text });
          setText('');
        }}
      />
    </>
  );
}

declare global {
  interface Window {
    happened: { what: 'enter' | 'shown'; text: string; at: number }[];
    show: (given: { url: string; token: string; thread: string }) => void;
  }
}

window.happened = [];
window.show = ({ url, token, thread }) => {
  window.tidings = createTidings({ url, getToken: () => token });
  const root = document.body.appendChild(document.createElement('div'));
  new MutationObserver((records) => {
    const at = performance.timeOrigin + performance.now();
    for (const { addedNodes } of records) {
      for (const node of addedNodes)
        if (node.nodeName === 'LI') window.happened.push({ what: 'shown', text: node.textContent ?? '', at });
    }
  }).observe(root, { childList: true, subtree: true });
  createRoot(root).render(
    <QueryClientProvider client={new QueryClient()}>
      <TidingsProvider client={window.tidings}>
        <Chat thread={thread} />
      </TidingsProvider>
    </QueryClientProvider>,
  );
};
