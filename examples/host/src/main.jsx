import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTidings } from '@tidings/client';
import { TidingsProvider } from '@tidings/client/react';
import { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { post } from './host.js';
import { Messages } from './Messages.jsx';
import { SignIn } from './SignIn.jsx';

const queries = new QueryClient();

function App() {
  const [me, setMe] = useState();
  useEffect(() => {
    const load = async () => setMe(await (await fetch('/me')).json());
    void load();
  }, []);
  if (!me) return null;
  if (!me.person) return <SignIn people={me.people} onSignIn={(person) => setMe({ ...me, person })} />;
  const onSignOut = () => setMe({ ...me, person: undefined });
  return <SignedIn key={me.person.id} url={me.tidingsUrl} person={me.person} onSignOut={onSignOut} />;
}

/** One client for the person, as long as they are signed in. */
function SignedIn({ url, person, onSignOut }) {
  const tidings = useMemo(
    () =>
      createTidings({
        url,
        getToken: async () => (await (await fetch('/tidings-token')).json()).token,
        userId: person.id,
      }),
    [url, person.id],
  );
  const signOut = async () => {
    await post('/sign-out');
    await tidings.signOut();
    onSignOut();
  };
  return (
    <QueryClientProvider client={queries}>
      <TidingsProvider client={tidings}>
        <Messages person={person} onSignOut={signOut} />
      </TidingsProvider>
    </QueryClientProvider>
  );
}

createRoot(document.getElementById('root')).render(<App />);
