import { createTidings } from '@tidings/client';
import { createTidingsServer, verifyWebhook } from '@tidings/client/server';

const { TIDINGS_URL: url, ADA_TOKEN, THEO_TOKEN, API_KEY: apiKey, THREAD: thread } = process.env;

const ada = createTidings({ url, getToken: () => ADA_TOKEN });
const theo = createTidings({ url, getToken: () => THEO_TOKEN });
const server = createTidingsServer({ url, apiKey });
const { connection, messages } = theo.store;

/** Waits until a part of the store is what it should be. */
const until = (slice, isSo) =>
  new Promise((resolve) => {
    const look = () => isSo(slice.getSnapshot()) && resolve(slice.getSnapshot());
    slice.subscribe(look);
    look();
  });

const shown = (content) =>
  until(messages(thread), ({ rows }) => rows.some((message) => message.content === content));

await shown('Hello');
const followed = await until(connection, (state) => state === 'live' || state === 'polling');
await ada.messages.send({ recipient: 'theo', content: 'From Ada' });
await shown('From Ada');
await server.as('ada').messages.send({ recipient: 'theo', content: 'From the back end' });
const { rows } = await shown('From the back end');
ada.close();
theo.close();

const refused = await verifyWebhook({ secret: 'whsec_AAAA', headers: {}, body: '' }).catch(
  ({ code }) => code,
);
process.stdout.write(JSON.stringify({ followed, messages: rows.map(({ content }) => content), refused }));
