import { DEMO_TYPE } from './notification-types.js';

/** The type is sent to no webhook and the host cannot exist, so the demo sends nothing to the internet. */
export const DEMO_WEBHOOK = {
  id: '0199a000-0000-7000-8000-000000000701',
  url: 'https://clinic.example/webhooks',
  types: [DEMO_TYPE],
};
