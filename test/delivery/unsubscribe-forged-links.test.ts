import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { useMailServer } from './mail-server.js';
import { explicit, mailedLink } from './unsubscribe-links.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

describe('a forged unsubscribe link', () => {
  it('gets the same 404 whatever is wrong with it, and changes nothing', async () => {
    const [mail, other] = [await mailedLink(api, server), await mailedLink(api, server)];
    const token = mail.link.split('/').at(-1)!;
    const bytes = Buffer.from(token, 'base64url');
    const changed = (position: number) => {
      const copy = Buffer.from(bytes);
      copy[position]! ^= 1;
      return copy.toString('base64url');
    };
    const foreign = Buffer.from(other.link.split('/').at(-1)!, 'base64url');
    const forged = [
      'none',
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      `${token.slice(0, 20)}.${token.slice(20)}`,
      ...[...bytes.keys()].map(changed),
      // Of another organization, signed with the key of this one, and the other way round.
      Buffer.concat([foreign.subarray(0, 16), bytes.subarray(16)]).toString('base64url'),
      Buffer.concat([bytes.subarray(0, 16), foreign.subarray(16)]).toString('base64url'),
      // Another person, or another type.
      Buffer.concat([bytes.subarray(0, 16), foreign.subarray(16, 32), bytes.subarray(32)]).toString(
        'base64url',
      ),
      Buffer.concat([bytes.subarray(0, 32), bytes.subarray(-16)]).toString('base64url'),
    ];
    const answers = new Set<string>();
    for (const one of forged) {
      for (const method of ['GET', 'POST']) {
        const { status, body } = await api.anybody.send(method, `unsubscribe/${one}`);
        const { request_id: _id, ...problem } = body as Record<string, unknown>;
        answers.add(JSON.stringify({ status, problem }));
      }
    }
    expect([...answers]).toEqual([expect.stringContaining('"status":404')]);
    expect(await explicit(mail)).toEqual({ global: {}, organization: {} });
    expect((await api.anybody.post(mail.link)).status).toBe(200);
  });

  it('creates no key for an organization that has sent no mail', async () => {
    const organization = await api.build.organization();
    const bytes = Buffer.concat([Buffer.from(organization.id.replaceAll('-', ''), 'hex'), Buffer.alloc(32)]);
    expect((await api.anybody.get(`unsubscribe/${bytes.toString('base64url')}`)).status).toBe(404);
    expect(
      await api.database.query('SELECT FROM organization_keys WHERE organization_id = $1', [organization.id]),
    ).toEqual([]);
  });
});
