import { post } from './host.js';

export function SignIn({ people, onSignIn }) {
  const signIn = async (username) => onSignIn((await post('/sign-in', { username })).person);
  return (
    <main className="sign-in">
      <h1>Hillside Homes</h1>
      <p>Who are you?</p>
      {people.map(({ username, display_name }) => (
        <button key={username} onClick={() => void signIn(username)}>
          {display_name}
        </button>
      ))}
    </main>
  );
}
