import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** Your back end: serves the JWKS, and receives webhooks. */
export function startBackend({ port, jwks, onEvent }) {
  let webhook;
  const handled = new Set();

  async function receive(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    let event;
    try {
      event = webhook.verify(Buffer.concat(chunks).toString(), request.headers);
    } catch {
      response.writeHead(400).end();
      return;
    }
    response.writeHead(204).end();
    // A retry has the same id. Store ids with the work that you do for them, not in memory.
    const id = request.headers['webhook-id'];
    if (handled.has(id)) return;
    handled.add(id);
    onEvent(event);
  }

  const server = createServer((request, response) => {
    if (request.url === '/jwks.json') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(jwks));
    } else if (request.method === 'POST' && request.url === '/hooks/tidings' && webhook) {
      void receive(request, response);
    } else {
      response.writeHead(404).end();
    }
  });

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () =>
      resolve({
        trustWebhook: (secret) => (webhook = new Webhook(secret)),
        stop: () => server.close(),
      }),
    );
  });
}
