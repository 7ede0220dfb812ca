import { expect, it, onTestFinished } from 'vitest';
import { useApi } from '../support/api.js';
import { person, send } from '../support/people.js';
import { Device } from './devices.js';

const api = useApi();

it('a client that shows a list but no thread follows changes over a WebSocket', async () => {
  const organization = await api.build.organization();
  const [ada, theo] = [await person(api, organization), await person(api, organization)];
  const device = new Device(api, theo);
  onTestFinished(() => device.close());
  device.show([]);
  const { connection, threads } = device.tidings.store;
  await expect.poll(() => connection.getSnapshot()).toBe('live');
  await send(ada, theo, 'Hello');
  await expect.poll(() => threads.getSnapshot().rows[0]?.last_message?.preview).toBe('Hello');
});
