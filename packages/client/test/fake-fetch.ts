export interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: any;
}

type Given = Response | Error | undefined;

/** A fetch that answers with what the test gives it. */
export class FakeFetch {
  readonly sent: Sent[] = [];

  constructor(private readonly answer: (sent: Sent) => Given | Promise<Given>) {}

  readonly fetch = (async (url: string, init: RequestInit) => {
    const { pathname, search } = new URL(url);
    const sent: Sent = {
      method: init.method!,
      path: pathname.replace('/api/v1/', '') + search,
      headers: init.headers as Record<string, string>,
      body: init.body === undefined ? undefined : JSON.parse(init.body as string),
    };
    this.sent.push(sent);
    const aborted = new Promise<never>((_resolve, reject) =>
      init.signal!.addEventListener('abort', () => reject(new Error('aborted'))),
    );
    const answer = await Promise.race([this.answer(sent), aborted]);
    if (answer instanceof Error) throw answer;
    return answer ?? new Response(null, { status: 204 });
  }) as typeof fetch;
}

export const json = (body: object): Response => Response.json(body);

export const problem = (
  status: number,
  code: string,
  headers: Record<string, string> = {},
  more = {},
): Response =>
  new Response(JSON.stringify({ status, code, title: code, request_id: 'r1', ...more }), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  });
