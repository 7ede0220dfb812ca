import { type Message, createTidings } from '@tidings/client';
import { type WebhookEvent, createTidingsServer, verifyWebhook } from '@tidings/client/server';

const url = 'https://tidings.example';

export async function send(): Promise<string> {
  const tidings = createTidings({ url, getToken: () => 'token' });
  const { thread_id } = await tidings.messages.send({ recipient: 'theo', content: 'Hello' });
  const { messages } = await tidings.threads.get(thread_id);
  return messages.map((message: Message) => message.content ?? '').join('\n');
}

export async function receive(request: Request): Promise<string> {
  const server = createTidingsServer({ url, apiKey: 'td_key' });
  const body = await request.text();
  const event: WebhookEvent = await verifyWebhook({ secret: 'whsec_AAAA', headers: request.headers, body });
  if (event.type === 'webhook.test') return event.data.webhook_id;
  const { username } = await server.members.get(event.data.user_id);
  return `${username}: ${event.data.title}`;
}

// @ts-expect-error: a wrong option is an error, so the types are not any.
createTidingsServer({ url, apiKey: 'td_key', token: 'token' });
