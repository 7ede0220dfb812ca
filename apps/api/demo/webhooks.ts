import { DEMO_TYPE } from './notification-types.js';

/** Of a type that goes to no webhook, at a host that cannot exist: the demo sends nothing out of the house. */
export const DEMO_WEBHOOK = {
  id: '0199a000-0000-7000-8000-000000000701',
  url: 'https://clinic.example/webhooks',
  types: [DEMO_TYPE],
};
