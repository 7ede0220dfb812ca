import { afterEach, beforeEach } from 'vitest';
import type { Client, TestApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import { type Connecting, type Connection, connect } from './client.js';

/** An organization with three members, the connections of a test, and a service that notifies Bob. */
export class Live {
  organization!: TestOrganization;
  ann!: TestMember;
  bob!: TestMember;
  carol!: TestMember;
  asAnn!: Client;
  asBob!: Client;
  service!: Client;
  private connections: Connection[] = [];

  constructor(private readonly api: TestApi) {}

  async build(): Promise<void> {
    this.organization = await this.api.build.organization();
    const member = () => this.api.build.member({ organization: this.organization });
    [this.ann, this.bob, this.carol] = await Promise.all([member(), member(), member()]);
    [this.asAnn, this.asBob] = await Promise.all([this.api.as(this.ann), this.api.as(this.bob)]);
    this.service = await this.api.build.service(this.organization, ['notifications:send']);
  }

  async connect(member: TestMember, given?: Connecting): Promise<Connection> {
    const connection = await connect(this.api, member, given);
    this.connections.push(connection);
    return connection;
  }

  close(): void {
    for (const connection of this.connections) connection.drop();
    this.connections = [];
  }

  notify = (body: string, given: object = {}) =>
    this.service.post('notifications', {
      to: { users: [this.bob.id] },
      type: 'SYSTEM',
      title: 'News',
      body,
      ...given,
    });
}

export function useLive(api: TestApi): Live {
  const live = new Live(api);
  beforeEach(() => live.build());
  afterEach(() => live.close());
  return live;
}
