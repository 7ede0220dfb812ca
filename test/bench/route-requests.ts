import { messageId, personId, threadId } from '../support/large.ts';
import { DELETED, EDITED, ORGANIZATION, OWNERS } from './route-seed.ts';

export interface RouteRequest {
  path: string | ((round: number) => string);
  method?: string;
  body?: (round: number) => object;
  /** Of a request that undoes this one, so that each round does the same; it is not measured. */
  undo?: { method: string; path: string };
  platform?: boolean;
}

const LONG = threadId(1);
const CROWD = threadId(2);
const LONG_PARTNER = personId(2);
/** A cursor in the middle of the first thread. */
const MIDDLE = Buffer.from('100000').toString('base64url');

const get = (...paths: string[]): RouteRequest[] => paths.map((path) => ({ path }));

/** What is measured of each route: the largest page, and what is likely to be its most expensive request. */
export const REQUESTS: Record<string, RouteRequest[]> = {
  'GET me': get('me'),
  'GET members': get(
    'members?limit=100',
    'members?limit=100&query=p',
    'members?limit=100&query=person',
    'members?query=person99999',
    'members?query=person+99999',
    'members?query=p+q',
    'members?query=nobody',
    'members?limit=100&role=therapist',
    'members?limit=100&role=therapist&query=person',
  ),
  'GET members/:person': get(`members/${LONG_PARTNER}`),
  'GET members/:person/can-message': get(`members/${LONG_PARTNER}/can-message`),
  'GET messages/inbox': get('messages/inbox?limit=50', 'messages/inbox?limit=50&unread_only=true'),
  'GET messages/unread-count': get('messages/unread-count'),
  'GET messages/conversation/:person': get(`messages/conversation/${LONG_PARTNER}?limit=100`),
  'GET messages/:id/versions': get(`messages/${EDITED}/versions?limit=100`),
  'GET messages/threads': get('messages/threads?limit=100', 'messages/threads?limit=100&unread_only=true'),
  'GET messages/threads/:id': get(
    `messages/threads/${LONG}?limit=100`,
    `messages/threads/${LONG}?limit=100&cursor=${MIDDLE}`,
    `messages/threads/${CROWD}?limit=100`,
  ),
  'GET messages/users/blocked': get('messages/users/blocked?limit=100'),
  'GET notifications': get('notifications?limit=100', 'notifications?limit=100&grouped=true'),
  'GET notifications/unread-count': get('notifications/unread-count'),
  'GET notifications/:id': get('notifications/:notification'),
  'GET notifications/:id/explanation': get('notifications/:notification/explanation'),
  'GET notifications/requests/:id': get('notifications/requests/:request'),
  'GET admin/stats': get('admin/stats'),
  'GET admin/roles': get('admin/roles?limit=100'),
  'GET admin/notification-types': get('admin/notification-types?limit=100'),
  'GET admin/deliveries': get(
    'admin/deliveries?limit=100',
    'admin/deliveries?limit=100&status=failed',
    'admin/deliveries?limit=100&channel=webhook',
  ),
  'GET admin/dead-letters': get('admin/dead-letters?limit=100'),
  'GET preferences': get('preferences'),
  'GET preferences/push-subscriptions': get('preferences/push-subscriptions'),
  'GET admin/preferences': get('admin/preferences'),
  'GET admin/notification-types/:type': get('admin/notification-types/MESSAGE'),
  'GET admin/threads': get('admin/threads?limit=100', `admin/threads?limit=100&person=${personId(1)}`),
  'GET admin/threads/:id/messages': get(`admin/threads/${LONG}/messages?limit=100`),
  'GET admin/messages/:id/versions': get(`admin/messages/${EDITED}/versions?limit=100`),
  'GET admin/messaging-rules': get('admin/messaging-rules?limit=100'),
  'GET admin/roles/:name': get('admin/roles/user'),
  'GET admin/api-keys': get('admin/api-keys?limit=100'),
  'GET admin/webhooks': get('admin/webhooks?limit=100'),
  'GET admin/audit': get('admin/audit?limit=100'),
  'GET organizations/:id': [{ path: `organizations/${ORGANIZATION}`, platform: true }],
  'POST messages/send': [
    { method: 'POST', path: 'messages/send', body: () => ({ recipient: LONG_PARTNER, content: 'Hello' }) },
  ],
  'POST messages/threads/:id/messages': [
    { method: 'POST', path: `messages/threads/${CROWD}/messages`, body: () => ({ content: 'Hello' }) },
  ],
  'POST messages/threads': [
    {
      method: 'POST',
      path: 'messages/threads',
      body: () => ({
        subject: 'Large',
        participant_ids: Array.from({ length: 999 }, (_, index) => personId(8000 + index)),
      }),
    },
  ],
  'PATCH messages/:id': [
    { method: 'PATCH', path: `messages/${messageId(10)}`, body: (round) => ({ content: `Edit ${round}` }) },
  ],
  'DELETE messages/:id': [
    { method: 'DELETE', path: (round) => `messages/${messageId(DELETED + round)}?scope=everyone` },
  ],
  'DELETE members/:person': [{ method: 'DELETE', path: (round) => `members/${personId(OWNERS + round)}` }],
  'POST notifications': [
    {
      method: 'POST',
      path: 'notifications',
      body: () => ({
        to: { users: Array.from({ length: 100 }, (_, index) => personId(9000 + index)) },
        type: 'SYSTEM',
        title: 'Fire drill',
        body: 'At noon.',
      }),
    },
  ],
  'POST admin/dead-letters/retry': [{ method: 'POST', path: 'admin/dead-letters/retry', body: () => ({}) }],
  'POST messages/users/:person/block': [
    {
      method: 'POST',
      path: `messages/users/${LONG_PARTNER}/block`,
      body: () => ({}),
      undo: { method: 'DELETE', path: `messages/users/${LONG_PARTNER}/block` },
    },
  ],
  'PUT admin/messaging-rules': [
    {
      method: 'PUT',
      path: 'admin/messaging-rules',
      body: () => ({
        rules: Array.from({ length: 1000 }, (_, index) => ({
          from_role: `role ${1 + Math.floor(index / 40)}`,
          to_role: `role ${1 + (index % 40)}`,
          allows: 'deny',
        })),
      }),
    },
  ],
  // Last: from here on nothing is unread.
  'POST messages/threads/:id/read': [
    { method: 'POST', path: `messages/threads/${LONG}/read`, body: () => ({}) },
  ],
  'POST notifications/read-all': [{ method: 'POST', path: 'notifications/read-all', body: () => ({}) }],
};

const NO_DATA = 'answers without data of an organization';
const ONE_ROW = 'writes or deletes a row or two, found by their keys';

/** Why a route is not measured. */
export const NOT_MEASURED: Record<string, string> = {
  'GET /health/live': NO_DATA,
  'GET /health/ready': NO_DATA,
  'GET /metrics': NO_DATA,
  'GET realtime': 'is a WebSocket',
  'GET realtime/changes': 'depends on what changed; measured in docs/realtime.md',
  'GET realtime/stream': 'sends what GET realtime/changes returns',
  'GET unsubscribe/:token': NO_DATA,
  'POST unsubscribe/:token': ONE_ROW,
  'POST dev/token': ONE_ROW,
  'PATCH me/visibility': ONE_ROW,
  'PUT members/:person': ONE_ROW,
  'PATCH messages/:id/read': 'does what POST messages/threads/:id/read does',
  'PATCH messages/threads/:id': ONE_ROW,
  'DELETE messages/threads/:id': ONE_ROW,
  'PATCH admin/threads/:id': ONE_ROW,
  'POST admin/threads/:id/participants': ONE_ROW,
  'DELETE admin/threads/:id/participants/:person': ONE_ROW,
  'POST admin/unsubscribe-keys/rotate': ONE_ROW,
  'GET users/:id/deletion': 'reads a row or two, found by their keys',
  'POST messages/threads/:id/participants': ONE_ROW,
  'DELETE messages/threads/:id/participants/:person': ONE_ROW,
  'DELETE messages/users/:person/block': 'undoes POST messages/users/:person/block, and counts the same',
  'PATCH notifications/:id': ONE_ROW,
  'DELETE notifications/:id': ONE_ROW,
  'DELETE notifications/requests/:id': 'is done in the background',
  'POST admin/deliveries/:id/retry': ONE_ROW,
  'POST admin/dead-letters/:id/retry': ONE_ROW,
  'PATCH preferences': ONE_ROW,
  'POST preferences/evaluate': ONE_ROW,
  'PUT preferences/push-subscriptions': ONE_ROW,
  'DELETE preferences/push-subscriptions': ONE_ROW,
  'PATCH admin/preferences': ONE_ROW,
  'PUT admin/notification-types/:type': ONE_ROW,
  'DELETE admin/notification-types/:type': ONE_ROW,
  'DELETE admin/messages/:id': 'does what DELETE messages/:id does',
  'PUT admin/roles/:name': ONE_ROW,
  'DELETE admin/roles/:name': ONE_ROW,
  'POST admin/api-keys': ONE_ROW,
  'DELETE admin/api-keys/:id': ONE_ROW,
  'POST admin/webhooks': ONE_ROW,
  'PATCH admin/webhooks/:id': ONE_ROW,
  'POST admin/webhooks/:id/test': ONE_ROW,
  'DELETE admin/webhooks/:id': ONE_ROW,
  'PUT organizations/:id': ONE_ROW,
  'DELETE users/:id': 'deletes in the background what grows',
};
