/** The browser APIs that the script below uses. The server is compiled without the types of the DOM. */
interface Element {
  id: string;
  innerHTML: string;
  textContent: string | null;
  value: string;
  checked: boolean;
  disabled: boolean;
  classList: { toggle(name: string, force: boolean): void };
  addEventListener(type: string, listener: () => unknown): void;
  append(child: Element): void;
  prepend(child: Element): void;
  setAttribute(name: string, value: string): void;
  querySelector(selector: string): Element | null;
}

interface Browser {
  document: { documentElement: Element; head: Element; body: Element; createElement(tag: string): Element };
  localStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  fetch: typeof fetch;
  /** Swagger UI, once it is loaded. */
  ui?: {
    preauthorizeApiKey(scheme: string, key: string): unknown;
    authActions: { logoutWithPersistOption(schemes: string[]): unknown };
    authSelectors: { authorized(): { keys(): Iterable<string> } };
  };
}

export interface HeaderOptions {
  /** The people that the reader can sign in as. null if the server issues no tokens. */
  people: { username: string; display_name: string; role: string }[] | null;
  /** The platform key of development. null if another one was chosen. */
  platformKey: string | null;
}

/**
 * Runs in the browser: adds the header above Swagger UI, and signs in as the selected person. The selection survives
 * a reload, with a new token. The source of this function is sent as text, so it must not use anything outside
 * itself.
 */
export function showHeader({ people, platformKey }: HeaderOptions): void {
  const browser = globalThis as unknown as Browser;
  const { document, localStorage } = browser;
  const PLATFORM = '#platform';
  const STORED_CALLER = 'tidings.caller';

  const viewport = document.createElement('meta');
  viewport.setAttribute('name', 'viewport');
  viewport.setAttribute('content', 'width=device-width, initial-scale=1');
  document.head.append(viewport);

  const callers = [
    ['', 'Nobody'],
    ...(people ?? []).map(({ username, display_name, role }) => [username, `${display_name} (${role})`]),
    ...(platformKey ? [[PLATFORM, 'The platform key']] : []),
  ];
  const options = callers.map(([value, text]) => `<option value="${value}">${text}</option>`).join('');
  const signInForm = people
    ? `<label>Send requests as <select id="caller" disabled>${options}</select></label>
       <span id="sign-in-status" role="status"></span>`
    : '<span id="sign-in-status">Press Authorize to enter a token or an API key.</span>';

  const header = document.createElement('header');
  header.id = 'tidings-header';
  header.innerHTML = `
    <div class="bar">
      <a class="brand" href="/docs">
        <svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M8 10h16v10H15l-5 4v-4H8z"/></svg>
        Tidings
      </a>
      <span class="version">API reference, v1</span>
      <nav aria-label="Links">
        <a href="/openapi.json">OpenAPI document</a>
        <a href="/health/ready">Server health</a>
      </nav>
    </div>
    <div class="bar" id="sign-in">
      ${signInForm}
      <label class="switch"><input type="checkbox" id="service-headers"> Show headers of services</label>
    </div>`;
  document.body.prepend(header);

  const serviceHeaders = header.querySelector('#service-headers')!;
  serviceHeaders.addEventListener('change', () =>
    document.documentElement.classList.toggle('service-headers', serviceHeaders.checked),
  );
  const caller = header.querySelector('#caller');
  if (!caller) return;
  const status = header.querySelector('#sign-in-status')!;
  caller.addEventListener('change', () => signIn(caller.value));

  const started = setInterval(() => {
    if (!browser.ui) return;
    clearInterval(started);
    caller.disabled = false;
    const stored = localStorage.getItem(STORED_CALLER);
    if (stored) void signIn(stored);
  }, 50);

  async function signIn(name: string): Promise<void> {
    caller!.disabled = true;
    const credential = await credentialOf(name).catch(() => 'The server did not respond.');
    caller!.disabled = false;
    const isRefused = typeof credential === 'string';
    use(isRefused ? null : credential);
    const chosen = isRefused ? '' : name;
    caller!.value = chosen;
    localStorage.setItem(STORED_CALLER, chosen);
    status.textContent = isRefused ? credential : chosen ? 'Signed in' : 'Signed out';
  }

  /** Returns the scheme and the key, null to sign out, or a text that says why there is no key. */
  async function credentialOf(name: string): Promise<[scheme: string, key: string] | null | string> {
    if (name === '') return null;
    if (name === PLATFORM) return platformKey ? ['service', platformKey] : 'Choose a person.';
    const response = await browser.fetch('/api/v1/dev/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: name }),
    });
    const { access_token, detail } = (await response.json()) as { access_token?: string; detail?: string };
    return access_token ? ['person', access_token] : (detail ?? 'Signing in failed.');
  }

  /**
   * Sets one credential at a time, because the server refuses two. Swagger UI fails if a scheme is logged out that
   * was not authorized.
   */
  function use(credential: [scheme: string, key: string] | null): void {
    const { ui } = browser;
    const schemes = ui ? [...ui.authSelectors.authorized().keys()] : [];
    if (schemes.length > 0) ui?.authActions.logoutWithPersistOption(schemes);
    if (credential) ui?.preauthorizeApiKey(...credential);
  }
}
