// @vitest-environment happy-dom
import { onlineManager } from '@tanstack/react-query';
import { useSendMessage } from '@tidings/client/react';
import { createElement as h } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { json, problem } from '../fake-fetch.js';
import { FakeServer, THREAD, later, messageOf, threadOf } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { mount, settle, uses } from './mount.js';
import { THREE, frame, messages, open, threads } from './parts.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

describe('a message that is sent', () => {
  const SEND = `POST messages/threads/${THREAD}/messages`;
  const sender = () =>
    uses(
      () => useSendMessage(THREAD),
      ({ error }) => error?.code ?? '',
    );

  it('shows at once and never goes away until it is stored', async () => {
    const [shown, sending] = [messages(), sender()];
    const page = await open(server, [shown, sending]);
    const answer = later();
    server.answers.set(SEND, () => answer.answer);
    const done = sending.latest.current.mutateAsync({ content: 'one' });
    await settle();
    expect(page.text()).toBe(`${THREE},one`);
    const { client_token } = shown.latest.current.data!.unsent[0]!;
    const stored = messageOf(4, { content: 'one', client_token });
    server.socket.sync(1, { threads: [threadOf({ last_seq: 4 })], messages: [stored] });
    await settle();
    answer.respond(json(stored));
    expect(await done).toEqual(stored);
    await settle();
    expect(shown.shown.slice(1)).toEqual([THREE, `${THREE},one`]);
    expect(shown.latest.current.data!.unsent).toEqual([]);
  });

  it('stays with its reason when it is refused, until it is sent again', async () => {
    const [shown, sending] = [messages(), sender()];
    const page = await open(server, [shown, sending]);
    server.answers.set(SEND, () => problem(403, 'recipient_unavailable'));
    sending.latest.current.mutate({ content: 'one' });
    await settle();
    expect(page.text()).toBe(`${THREE},onerecipient_unavailable`);
    const [failed] = shown.latest.current.data!.unsent;
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'recipient_unavailable' } });
    server.answers.set(SEND, ({ body }) => json(messageOf(4, body)));
    sending.latest.current.retry(failed!.client_token, 'better');
    await settle();
    expect(shown.latest.current.data).toMatchObject({ unsent: [], rows: { length: 4 } });
  });

  it('is sent although the browser says that it is offline', async () => {
    const sending = sender();
    await open(server, [sending, threads()]);
    server.answers.set(SEND, ({ body }) => json(messageOf(4, body)));
    onlineManager.setOnline(false);
    sending.latest.current.mutate({ content: 'one' });
    await settle();
    onlineManager.setOnline(true);
    expect(sending.latest.current.data).toMatchObject({ content: 'one' });
  });
});

describe('rows', () => {
  it('never go back, whenever a frame comes while they are loading', async () => {
    for (let turns = 0; turns < 60; turns++) {
      const page = later();
      const one = new FakeServer();
      one.answers.set(`GET messages/threads/${THREAD}`, () => page.answer);
      const shown = messages();
      const { unmount, text } = mount(one.tidings, h(shown));
      await settle();
      one.socket.accept();
      page.respond(json(one.page()));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      one.socket.sync(1, frame);
      await settle();
      expect(text(), `${turns} turns`).toBe(`${THREE},text 4`);
      expect(['pending', `${THREE},text 4`], `${turns} turns`).toEqual(shown.shown);
      unmount();
      one.tidings.close();
    }
  });
});
