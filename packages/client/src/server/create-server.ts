import { Http } from '../http.js';
import { type PersonRoutes, personRoutes } from '../routes/person-routes.js';
import {
  NotificationSendRoutes,
  NotificationTypeRoutes,
  OrganizationPreferenceRoutes,
  UnsubscribeKeyRoutes,
} from './routes/notifications.js';
import { AuditRoutes, DeadLetterRoutes, DeliveryRoutes, StatsRoutes } from './routes/operations.js';
import { MessagingRuleRoutes, OversightRoutes } from './routes/oversight.js';
import { ApiKeyRoutes, MemberAdminRoutes, RoleRoutes } from './routes/people.js';
import { OrganizationRoutes, UserRoutes } from './routes/platform.js';
import { WebhookRoutes } from './routes/webhooks.js';

/**
 * What the client of a back end needs.
 *
 * @example
 * const options: TidingsServerOptions = { url: 'https://tidings.example', apiKey: process.env.TIDINGS_API_KEY };
 */
export interface TidingsServerOptions {
  /** Where Tidings is, without `/api`. */
  url: string;
  /** A key of an organization, `td_…`, or the platform key. It must not reach a browser. */
  apiKey: string;
  /** For tests, and for proxies. */
  fetch?: typeof globalThis.fetch;
}

/**
 * The client of a back end. What it may do is decided by the scopes of its key.
 *
 * @example
 * await server.members.put(user.id, { username: 'theo', display_name: 'Theo Therapist', role: 'therapist' });
 * await server.as('theo').messages.send({ recipient: 'nina', content: 'Hello' });
 */
export interface TidingsServer {
  readonly organizations: OrganizationRoutes;
  readonly users: UserRoutes;
  readonly members: MemberAdminRoutes;
  readonly roles: RoleRoutes;
  readonly apiKeys: ApiKeyRoutes;
  readonly notifications: NotificationSendRoutes;
  readonly notificationTypes: NotificationTypeRoutes;
  readonly preferences: OrganizationPreferenceRoutes;
  readonly unsubscribeKeys: UnsubscribeKeyRoutes;
  readonly webhooks: WebhookRoutes;
  readonly messagingRules: MessagingRuleRoutes;
  readonly oversight: OversightRoutes;
  readonly deliveries: DeliveryRoutes;
  readonly deadLetters: DeadLetterRoutes;
  readonly audit: AuditRoutes;
  readonly stats: StatsRoutes;
  /** Acts on behalf of a person, named by id or username. The key needs the scope `act_as`. */
  as: (person: string) => PersonRoutes;
  /** The same client for one organization, which the platform key has to name. */
  in: (organizationId: string) => TidingsServer;
}

/**
 * Creates the client of a back end.
 *
 * @example
 * const server = createTidingsServer({ url: 'https://tidings.example', apiKey: process.env.TIDINGS_API_KEY });
 */
export function createTidingsServer({ url, apiKey, fetch }: TidingsServerOptions): TidingsServer {
  const base = url.replace(/\/+$/, '');
  return serverWith((headers) => new Http(base, (send) => send(headers), fetch), {
    'X-Api-Key': given('apiKey', apiKey),
  });
}

type Headers = Record<string, string>;

function serverWith(httpOf: (headers: Headers) => Http, headers: Headers): TidingsServer {
  const http = httpOf(headers);
  return {
    organizations: new OrganizationRoutes(http),
    users: new UserRoutes(http),
    members: new MemberAdminRoutes(http),
    roles: new RoleRoutes(http),
    apiKeys: new ApiKeyRoutes(http),
    notifications: new NotificationSendRoutes(http),
    notificationTypes: new NotificationTypeRoutes(http),
    preferences: new OrganizationPreferenceRoutes(http),
    unsubscribeKeys: new UnsubscribeKeyRoutes(http),
    webhooks: new WebhookRoutes(http),
    messagingRules: new MessagingRuleRoutes(http),
    oversight: new OversightRoutes(http),
    deliveries: new DeliveryRoutes(http),
    deadLetters: new DeadLetterRoutes(http),
    audit: new AuditRoutes(http),
    stats: new StatsRoutes(http),
    as: (person) => personRoutes(httpOf({ ...headers, 'X-On-Behalf-Of': given('person', person) })),
    in: (organizationId) =>
      serverWith(httpOf, { ...headers, 'X-Organization-Id': given('organizationId', organizationId) }),
  };
}

/** The server takes an empty header as none: a call for nobody would then be one of the key itself. */
function given(name: string, value: string): string {
  if (!value) throw new TypeError(`The ${name} is empty.`);
  return value;
}
