/** The little of a browser that the script below touches, since the server is not compiled with its types. */
interface Page {
  querySelector(selector: string): { prepend(element: unknown): void } | null;
  createElement(
    tag: string,
  ): Record<string, unknown> & { append(...children: unknown[]): void; style: Record<string, string> };
}

interface Browser {
  document: Page;
  fetch: typeof fetch;
  ui?: { preauthorizeApiKey(scheme: string, token: string): unknown };
}

/** Runs in the browser, at the top of Swagger UI: choose a person, and every request is theirs. */
export function signIn(people: { username: string; display_name: string }[]): void {
  const browser = globalThis as unknown as Browser;
  const { document } = browser;

  const bar = document.createElement('div');
  bar.id = 'sign-in';
  Object.assign(bar.style, {
    padding: '12px 20px',
    display: 'flex',
    gap: '8px',
    alignItems: 'center',
    font: '14px sans-serif',
  });
  const status = document.createElement('span');
  status.textContent = 'Sign in as';
  bar.append(status, ...people.map(buttonFor));

  function buttonFor(person: { username: string; display_name: string }) {
    const button = document.createElement('button');
    button.textContent = person.display_name;
    button.className = 'btn';
    button.onclick = async () => {
      const response = await browser.fetch('/api/v1/dev/token', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username: person.username }),
      });
      const answer = (await response.json()) as { access_token?: string; detail?: string };
      if (answer.access_token) browser.ui?.preauthorizeApiKey('person', answer.access_token);
      status.textContent = answer.access_token ? `Signed in as ${person.display_name}. Or as` : answer.detail;
    };
    return button;
  }

  const place = setInterval(() => {
    const root = document.querySelector('#swagger-ui');
    if (!root || !browser.ui) return;
    clearInterval(place);
    root.prepend(bar);
  }, 50);
}
