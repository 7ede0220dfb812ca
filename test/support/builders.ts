import { v7 as uuid } from 'uuid';
import type { Client, TestApi } from './api.js';

export interface TestOrganization {
  id: string;
  name: string;
}

export interface TestMember {
  organization: TestOrganization;
  id: string;
  username: string;
  display_name: string;
  role: string;
}

export interface TestKey {
  id: string;
  secret: string;
}

/** Makes what a test needs by way of the API, and fills what the test does not say. */
export class Builders {
  private count = 0;

  constructor(private readonly api: TestApi) {}

  async organization(given: Partial<TestOrganization> = {}): Promise<TestOrganization> {
    const organization = { id: uuid(), name: `Organization ${++this.count}`, ...given };
    expectStatus(
      await this.api.platform().put(`organizations/${organization.id}`, { name: organization.name }),
      201,
    );
    return organization;
  }

  async member(given: Partial<TestMember> & { email?: string } = {}): Promise<TestMember> {
    const number = ++this.count;
    const { organization = await this.organization(), id = uuid(), ...rest } = given;
    const input = { username: `person${number}`, display_name: `Person ${number}`, role: 'user', ...rest };
    expectStatus(await this.api.platform(organization).put(`members/${id}`, input), 201);
    return { organization, id, ...input };
  }

  /** An organization, and an admin of it who sends requests. */
  async organizationWithAdmin(): Promise<{ organization: TestOrganization; admin: Client }> {
    const organization = await this.organization();
    return { organization, admin: await this.api.as(await this.member({ organization, role: 'admin' })) };
  }

  async key(organization: TestOrganization, scopes: string[], given: object = {}): Promise<TestKey> {
    const input = { name: `service ${++this.count}`, scopes, ...given };
    return expectStatus(await this.api.platform(organization).post('admin/api-keys', input), 201)
      .body as TestKey;
  }

  /** A service of this organization, with these scopes. */
  async service(organization: TestOrganization, scopes: string[]): Promise<Client> {
    return this.api.withKey((await this.key(organization, scopes)).secret);
  }
}

function expectStatus<T extends { status: number; text: string }>(answer: T, status: number): T {
  if (answer.status !== status) throw new Error(`Expected ${status}, got ${answer.status}: ${answer.text}`);
  return answer;
}
