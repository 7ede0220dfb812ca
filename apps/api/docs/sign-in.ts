/** The little of a browser that the script below touches, since the server is not compiled with its types. */
interface Page {
  querySelector(selector: string): { prepend(element: unknown): void } | null;
  createElement(tag: string): Record<string, unknown> & {
    append(...children: unknown[]): void;
    style: Record<string, string>;
  };
}

interface SwaggerUi {
  preauthorizeApiKey(scheme: string, key: string): unknown;
  authActions: { logout(schemes: string[]): unknown };
}

interface Browser {
  document: Page;
  fetch: typeof fetch;
  ui?: SwaggerUi;
}

/** Runs in the browser, at the top of Swagger UI: choose somebody, and every request is theirs. */
export function signIn(
  people: { username: string; display_name: string }[],
  platformKey: string | null,
): void {
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
  bar.append(
    status,
    ...people.map(({ username, display_name }) =>
      button(display_name, () => signInAs(username, display_name)),
    ),
    ...(platformKey ? [button('the platform', () => use('service', platformKey, 'the platform'))] : []),
  );

  function button(text: string, act: () => unknown) {
    const made = document.createElement('button');
    made.textContent = text;
    made.className = 'btn';
    made.onclick = act;
    return made;
  }

  async function signInAs(username: string, name: string): Promise<void> {
    const response = await browser.fetch('/api/v1/dev/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username }),
    });
    const { access_token, detail } = (await response.json()) as { access_token?: string; detail?: string };
    if (access_token) use('person', access_token, name);
    else status.textContent = detail;
  }

  /** One credential at a time: the server refuses two. */
  function use(scheme: 'person' | 'service', key: string, name: string): void {
    browser.ui?.authActions.logout(['person', 'service']);
    browser.ui?.preauthorizeApiKey(scheme, key);
    status.textContent = `Signed in as ${name}. Or as`;
  }

  const place = setInterval(() => {
    const root = document.querySelector('#swagger-ui');
    if (!root || !browser.ui) return;
    clearInterval(place);
    root.prepend(bar);
  }, 50);
}
